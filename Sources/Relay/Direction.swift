public import SystemIO

/// What a blocked direction waits for: events on a descriptor, as for poll(2).
public struct Awaited: Equatable, Sendable {
  public var descriptor: Int32
  public var events: Int16

  public init(_ descriptor: Int32, _ events: Int32) {
    self.descriptor = descriptor
    self.events = Int16(truncatingIfNeeded: events)
  }

  public static func readable(_ descriptor: Int32) -> Awaited { Awaited(descriptor, POLLIN) }
  public static func writable(_ descriptor: Int32) -> Awaited { Awaited(descriptor, POLLOUT) }
}

/// The result of one step of a direction.
public enum LaneStep: Equatable, Sendable {
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
  mutating func step() -> LaneStep
  /// Tells the sink that nothing more comes (half-close).
  mutating func finish()
}
