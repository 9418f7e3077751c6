public import SystemIO

/// What reading or writing without waiting came to.
public enum Transfer: Equatable, Sendable {
  /// So many bytes, at least one.
  case bytes(Int)
  case blocked(Awaited)
  /// End of file when reading; when writing, nobody reads any more.
  case ended
  case failed(SystemError)
}

/// Something that bytes come out of.
public protocol ByteSource: ~Copyable {
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer
}

/// Something that bytes go into.
public protocol ByteSink: ~Copyable {
  mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer
  /// Says that nothing more comes.
  mutating func finish()
}
