public import SystemIO

/// What a blocked direction waits for: events on a descriptor, as for poll(2).
public struct Awaited: Equatable, Sendable {
  /// The descriptor that is waited for.
  public var descriptor: Int32
  /// As `pollfd` has them: POLLIN, POLLOUT.
  public var events: Int16

  /// - Parameter events: POLLIN, POLLOUT or both.
  public init(_ descriptor: Int32, _ events: Int32) {
    self.descriptor = descriptor
    self.events = Int16(truncatingIfNeeded: events)
  }

  /// Until there is something to read.
  public static func readable(_ descriptor: Int32) -> Awaited { Awaited(descriptor, POLLIN) }
  /// Until something can be written.
  public static func writable(_ descriptor: Int32) -> Awaited { Awaited(descriptor, POLLOUT) }
}

/// The result of one step of a direction.
public enum DirectionStep: Equatable, Sendable {
  /// Bytes were moved; there may be more.
  case moved
  /// Nothing can be moved until this is ready.
  case blocked(Awaited)
  /// The source is at its end and everything has been delivered.
  case ended
  /// Nobody reads from the sink any more.
  case sinkClosed
  /// Reading or writing failed.
  case broken(Failure)
}

/// One direction of a relay: it moves the bytes of a source to a sink, in order, each once.
public protocol Direction: ~Copyable {
  /// Moves what can be moved without waiting.
  mutating func step() -> DirectionStep
  /// Tells the sink that nothing more comes (half-close).
  mutating func finish()
}

/// The result of a read or a write that does not wait.
public enum Transfer: Equatable, Sendable {
  /// The number of bytes, at least one.
  case bytes(Int)
  /// Nothing could be moved; the system call would wait for this.
  case blocked(Awaited)
  /// Reading: end of file. Writing: nobody reads any more.
  case ended
  /// The system call's error, or the other side's.
  case failed(Failure)
}

/// Something to read bytes from, without waiting.
public protocol ByteSource: ~Copyable {
  /// Reads at most as much as the buffer holds.
  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer
}

/// Something to write bytes to, without waiting.
public protocol ByteSink: ~Copyable {
  /// Writes the beginning of `bytes`, as much as is taken.
  mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer
  /// Tells the reader that nothing more comes.
  mutating func finish()
}
