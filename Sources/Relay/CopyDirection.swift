import SystemIO

/// A direction that reads and writes through a buffer. It works everywhere, and for streams that are not
/// descriptors.
public struct CopyDirection<Source: ByteSource & ~Copyable, Sink: ByteSink & ~Copyable>: Direction,
  ~Copyable
{
  private var source: Source
  private var sink: Sink
  /// Memory of its own, once: an array would be copied, or checked, where a slice of it is filled and written.
  private let buffer: UnsafeMutableRawBufferPointer
  private var filled: Range<Int>

  /// - Parameters:
  ///   - prefix: written to the sink before the source's bytes.
  ///   - capacity: the size of the buffer, in bytes.
  public init(
    from source: consuming Source, to sink: consuming Sink, prefix: [UInt8] = [],
    capacity: Int = 128 * 1024
  ) {
    self.source = source
    self.sink = sink
    buffer = .allocate(byteCount: max(capacity, prefix.count, 1), alignment: 16)
    buffer.copyBytes(from: prefix)
    filled = 0..<prefix.count
  }

  deinit {
    buffer.deallocate()
  }

  /// Reads only once the buffer has been written out.
  public mutating func step() -> DirectionStep {
    if filled.isEmpty {
      switch source.read(into: buffer) {
      case .bytes(let count): filled = 0..<count
      case .blocked(let awaited): return .blocked(awaited)
      case .ended: return .ended
      case .failed(let error): return .broken(error)
      }
    }
    switch sink.write(UnsafeRawBufferPointer(rebasing: buffer[filled])) {
    case .bytes(let count):
      filled = filled.lowerBound + count..<filled.upperBound
      return .moved
    case .blocked(let awaited): return .blocked(awaited)
    case .ended: return .sinkClosed
    case .failed(let error): return .broken(error)
    }
  }

  /// Has the sink end.
  public mutating func finish() {
    sink.finish()
  }
}
