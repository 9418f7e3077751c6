public import SystemIO

/// How the two directions of a relay came to their end.
public enum PumpEnd: Equatable, Sendable {
  /// The server said everything that it had to say, and it was delivered.
  case ended
  /// Nobody reads what the server says.
  case readerGone
  /// The connection broke in the middle.
  case broken(SystemError)
}

/// What the pump does when neither direction can go on; the system call is somebody else's.
public protocol Waiting {
  /// Waits until one of `awaited` is ready, or not at all when `peek`.
  /// - Returns: for each, whether it is ready (errors and hang-ups count).
  mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool]
}

/// Two lanes between a pair of byte streams, `up` to the server and `down` from it.
///
/// End of input half-closes towards the server and the other direction goes on; the end of what
/// the server says ends the pump. A slow sink blocks its source and costs no memory. Neither
/// direction starves the other.
public struct Pump<Up: Lane & ~Copyable, Down: Lane & ~Copyable>: ~Copyable {
  private var up: Up
  private var down: Down
  private var upBlock: Awaited?
  private var downBlock: Awaited?
  private var upIsOver = false
  /// Why the server can have missed something of what was said to it.
  private var upError: SystemError?

  /// After so many steps of one direction the other one's readiness is looked at.
  private static var burst: Int { 8 }

  public init(up: consuming Up, down: consuming Down) {
    self.up = up
    self.down = down
  }

  /// Pumps until the server has ended, or the reader, or the connection.
  /// - Throws: what `waiting` throws: the caller is gone.
  public mutating func run(_ waiting: inout some Waiting) throws(Failure) -> PumpEnd {
    var steps = 0
    while true {
      if downBlock == nil, let end = stepDown() { return end }
      if !upIsOver, upBlock == nil { stepUp() }
      steps += 1
      let isIdle = downBlock != nil && (upIsOver || upBlock != nil)
      if isIdle || steps.isMultiple(of: Self.burst) { try look(&waiting, peek: !isIdle) }
    }
  }

  private mutating func stepDown() -> PumpEnd? {
    switch down.step() {
    case .moved: return nil
    case .blocked(let awaited): downBlock = awaited
    case .ended:
      down.finish()
      return upError.map { .broken($0) } ?? .ended
    case .sinkClosed: return .readerGone
    case .broken(let error): return .broken(error)
    }
    return nil
  }

  private mutating func stepUp() {
    switch up.step() {
    case .moved: break
    case .blocked(let awaited): upBlock = awaited
    case .ended:
      up.finish()
      upIsOver = true
    // The error is told once, to whoever asks first: `down` may see nothing but an end.
    case .broken(let error):
      up.finish()
      upIsOver = true
      upError = error
    // The server reads no more but may still have something to say: `down` tells.
    case .sinkClosed: upIsOver = true
    }
  }

  private mutating func look(_ waiting: inout some Waiting, peek: Bool) throws(Failure) {
    var awaited: [Awaited] = []
    if let downBlock { awaited.append(downBlock) }
    if let upBlock { awaited.append(upBlock) }
    guard !awaited.isEmpty else { return }
    var ready = try waiting.wait(for: awaited, peek: peek)[...]
    if downBlock != nil, ready.popFirst() == true { downBlock = nil }
    if upBlock != nil, ready.popFirst() == true { upBlock = nil }
  }
}

/// Waits with poll(2), and watches over the caller all the while.
public struct CallerWaiting: Waiting {
  private let caller: Caller

  public init(_ caller: Caller) {
    self.caller = caller
  }

  public mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    var items = awaited.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    _ = try caller.wait(for: &items, until: peek ? Moment.now : nil, beforeFirstByte: false)
    return items.map { $0.revents != 0 }
  }
}
