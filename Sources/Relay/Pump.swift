public import SystemIO

/// How a relay ended.
public enum PumpEnd: Equatable, Sendable {
  /// The server closed its side, and all that it had sent was delivered.
  case ended
  /// Nobody reads the server's output any more.
  case readerGone
  /// The connection broke.
  case broken(Failure)
}

/// Waits for the pump when both directions are blocked. The pump itself makes no system call.
public protocol Poller {
  /// Waits until one of `awaited` is ready; with `peek`, looks without waiting.
  /// - Returns: for each, whether it is ready. Errors and hang-ups count as ready.
  mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool]
}

extension Poller {
  /// After so many steps, what is blocked is looked at again, even if something else can go on.
  public var burst: Int { 8 }
}

/// Two directions between a pair of byte streams, `up` to the server and `down` from it.
///
/// At end of input the connection is half-closed towards the server, and the other direction goes on.
/// When the server closes its side, the pump ends. A slow sink holds its source back and costs no
/// memory. Neither direction starves the other.
public struct Pump<Up: Direction & ~Copyable, Down: Direction & ~Copyable>: ~Copyable {
  private var up: Up
  private var down: Down
  private var upBlock: Awaited?
  private var downBlock: Awaited?
  private var upIsOver = false
  /// The error that ended `up`: the server may have missed something.
  private var upError: Failure?

  /// - Parameters: to the server and from it; nothing is moved before `run`.
  public init(up: consuming Up, down: consuming Down) {
    self.up = up
    self.down = down
  }

  /// Pumps until the server, the reader or the connection ends.
  /// - Throws: what `poller` throws, `.cancelled` when the caller is gone.
  public mutating func run(_ poller: inout some Poller) throws(Failure) -> PumpEnd {
    var steps = 0
    while true {
      if downBlock == nil, let end = stepDown() { return end }
      if !upIsOver, upBlock == nil { stepUp() }
      steps += 1
      let isIdle = downBlock != nil && (upIsOver || upBlock != nil)
      if isIdle || steps.isMultiple(of: poller.burst) { try look(&poller, peek: !isIdle) }
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
    // A socket reports an error only once. `up` has consumed it, so `down` may see a plain end.
    case .broken(let error):
      up.finish()
      upIsOver = true
      upError = error
    // The server reads no more, but may still have something to send, so `down` goes on.
    case .sinkClosed: upIsOver = true
    }
  }

  private mutating func look(_ poller: inout some Poller, peek: Bool) throws(Failure) {
    var awaited: [Awaited] = []
    if let downBlock { awaited.append(downBlock) }
    if let upBlock { awaited.append(upBlock) }
    // Even where nothing is blocked: whoever waits for us is looked at there.
    var ready = try poller.wait(for: awaited, peek: peek)[...]
    if downBlock != nil, ready.popFirst() == true { downBlock = nil }
    if upBlock != nil, ready.popFirst() == true { upBlock = nil }
  }
}

/// Waits with poll(2), and watches whether the caller is still there.
public struct HangUpPoller: Poller {
  private let caller: HangUpMonitor
  private var beforeFirst: (() -> Void)?

  /// - Parameter beforeFirst: called once, when the directions have been set up and tried.
  public init(_ caller: HangUpMonitor, beforeFirst: (() -> Void)? = nil) {
    self.caller = caller
    self.beforeFirst = beforeFirst
  }

  /// - Throws: `.cancelled` when the caller is gone.
  public mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    beforeFirst.take()?()
    var items = awaited.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    _ = try caller.wait(for: &items, until: peek ? Moment.now : nil, beforeFirstByte: false)
    return items.map { $0.revents != 0 }
  }
}
