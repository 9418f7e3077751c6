public import SystemIO

/// What a lane that cannot go on is waiting for: one of `poll(2)`'s events on a descriptor.
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

/// How far a lane has come.
public enum LaneStep: Equatable, Sendable {
  /// Bytes went over; there may be more.
  case moved
  /// Nothing goes on before this.
  case blocked(Awaited)
  /// The source is at its end and everything has been delivered.
  case ended
  /// The sink takes no more: its reader is gone.
  case sinkClosed
  /// The source broke off.
  case broken(SystemError)
}

/// One direction of a relay: what its source gives, its sink gets, in order and once.
public protocol Lane: ~Copyable {
  /// Moves what goes without waiting.
  mutating func step() -> LaneStep
  /// Tells the sink that nothing more comes (half-close).
  mutating func finish()
}
