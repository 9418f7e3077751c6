public import SystemIO

/// The result of a read or a write that does not wait.
public enum Transfer: Equatable, Sendable {
  /// The number of bytes, at least one.
  case bytes(Int)
  /// Nothing could be moved; the system call would wait for this.
  case blocked(Awaited)
  /// Reading: end of file. Writing: nobody reads any more.
  case ended
  case failed(Failure)
}

/// Something to read bytes from, without waiting.
public protocol ByteSource: ~Copyable {
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer
}

/// Something to write bytes to, without waiting.
public protocol ByteSink: ~Copyable {
  mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer
  /// Tells the reader that nothing more comes.
  mutating func finish()
}
