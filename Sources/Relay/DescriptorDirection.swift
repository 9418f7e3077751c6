import SystemIO

/// A direction between two descriptors, by splice(2) if they allow it, else through a buffer.
public struct DescriptorDirection: Direction, ~Copyable {
  /// How bytes are moved. `splice` falls back to `copy` where it is not possible.
  public enum Preference: Sendable {
    case splice
    case copy
  }

  private let source: Int32
  private let sink: Int32
  #if os(Linux) && !PORTABLE
    private var splice: SpliceDirection?
  #endif
  private var copy: CopyDirection<DescriptorSource, DescriptorSink>?

  /// - Parameters:
  ///   - source, sink: borrowed. A socket has to be non-blocking: splice(2) can be told not to wait
  ///     for a pipe, but not for a socket.
  ///   - prefix: written to the sink before the source's bytes.
  public init(
    from source: Int32, to sink: Int32, prefix: [UInt8] = [], preference: Preference = .splice
  ) {
    self.source = source
    self.sink = sink
    #if os(Linux) && !PORTABLE
      splice =
        preference == .splice ? SpliceDirection(from: source, to: sink, prefix: prefix) : nil
      guard splice == nil else { return }
    #endif
    // Swift 6.2 lets an initializer call no mutating method.
    copy = Self.copying(from: source, to: sink, prefix)
  }

  public mutating func step() -> DirectionStep {
    #if os(Linux) && !PORTABLE
      if let step = splice?.step() {
        // If the kernel refuses to splice these descriptors, the bytes are copied. A refused call has
        // taken nothing from the source.
        guard case .broken(let error) = step, error.number == EINVAL || error.number == EPERM
        else { return step }
        copy = Self.copying(from: source, to: sink, splice?.remainingPrefix ?? [])
        splice = nil
      }
    #endif
    return copy?.step() ?? .ended
  }

  public mutating func finish() {
    // Of anything but a socket it is refused and does no harm. A confined process cannot ask which.
    SystemTransfer.endSending(sink)
  }

  private static func copying(
    from source: Int32, to sink: Int32, _ prefix: [UInt8]
  ) -> CopyDirection<DescriptorSource, DescriptorSink> {
    CopyDirection(from: DescriptorSource(source), to: DescriptorSink(sink), prefix: prefix)
  }
}
