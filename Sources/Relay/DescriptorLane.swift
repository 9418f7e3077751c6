import SystemIO

/// A lane between two descriptors, in the cheapest way that they allow.
public struct DescriptorLane: Lane, ~Copyable {
  /// Which way is taken; the first where it can be.
  public enum Preference: Sendable {
    case splice
    case copy
  }

  private enum Way: ~Copyable {
    #if os(Linux)
      case splice(SpliceLane)
    #endif
    case copy(CopyLane<DescriptorSource, DescriptorSink>)
  }

  private let source: Int32
  private let sink: Int32
  private var way: Way

  /// - Parameter prefix: bytes that go to the sink before the source's.
  public init(
    from source: Int32, to sink: Int32, prefix: [UInt8] = [], preference: Preference = .splice
  ) {
    self.source = source
    self.sink = sink
    #if os(Linux)
      if preference == .splice, let lane = SpliceLane(from: source, to: sink, prefix: prefix) {
        way = .splice(lane)
        return
      }
    #endif
    way = .copy(Self.copying(source, sink, prefix))
  }

  public mutating func step() -> LaneStep {
    switch consume way {
    #if os(Linux)
      case .splice(var lane):
        let step = lane.step()
        // What the kernel cannot splice (a pipe of another kind of file system, a security
        // module's no) is copied; nothing has been taken from the source then.
        if case .broken(let error) = step, error.number == EINVAL || error.number == EPERM {
          way = .copy(Self.copying(source, sink, lane.remainingPrefix))
          return .moved
        }
        way = .splice(lane)
        return step
    #endif
    case .copy(var lane):
      let step = lane.step()
      way = .copy(lane)
      return step
    }
  }

  public mutating func finish() {
    if DescriptorKind(of: sink) == .socket { shutdown(sink, Int32(SHUT_WR)) }
  }

  private static func copying(
    _ source: Int32, _ sink: Int32, _ prefix: [UInt8]
  ) -> CopyLane<DescriptorSource, DescriptorSink> {
    CopyLane(from: DescriptorSource(source), to: DescriptorSink(sink), prefix: prefix)
  }
}
