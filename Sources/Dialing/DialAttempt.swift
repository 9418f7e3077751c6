public import SystemIO

/// Where to dial, and what the server is told first.
public struct DialDestination: Equatable, Sendable {
  /// Those of the endpoint, or of the proxy that leads to it; none for a command.
  public var addresses: [SocketAddress]
  /// `nil` for the direct way.
  public var through: Through?
  /// Sent before everything else.
  public var preamble: [UInt8]
  /// Whether it is known that the server speaks, so that nobody has to wait for its first byte.
  public var hasAnswered: Bool
  /// Whose endpoint it is, in lower case: a command on the way there is told (`ThroughLoop`).
  public var alias: String

  /// - Parameters: see the properties.
  public init(
    _ addresses: [SocketAddress], through: Through? = nil, preamble: [UInt8] = [],
    hasAnswered: Bool = false, for alias: String = ""
  ) {
    self.alias = alias
    self.addresses = addresses
    self.through = through
    self.preamble = preamble
    self.hasAnswered = hasAnswered
  }
}

/// One connection on its way: to an address, through what the user has configured, to the server's first
/// byte. A command that was started for it ends with this object, unless it was let go.
public final class DialAttempt {
  private enum State {
    case connecting(HappyEyeballs)
    case asking(ProxyHandshake)
    case listening(since: Moment)
  }

  private var state: State
  private var socket: Descriptor?
  private var number: Int32 = -1
  private var firstByte: FirstByte
  private var command: Child?
  private let through: Through?
  private let limit: Moment

  /// Whether the server has sent a byte.
  private(set) var hasHeard = false

  /// - Parameters:
  ///   - limit: until when the connection has to be made.
  ///   - waitsForAnswer: whether it counts only once the server has sent a byte.
  ///   - input: ssh's first bytes, in the relay.
  /// - Throws: `.inputOutput` when a command cannot be started.
  init(
    _ destination: DialDestination, until limit: Moment, waitsForAnswer: Bool, input: Replay?,
    at now: Moment
  ) throws(Failure) {
    self.limit = limit
    through = destination.through
    firstByte = FirstByte(
      preamble: destination.preamble, waitsForAnswer: waitsForAnswer, input: input)
    guard case .command(let text) = destination.through else {
      state = .connecting(HappyEyeballs(destination.addresses, at: now))
      return
    }
    state = .listening(since: now)
    try start(text, for: destination.alias)
  }

  private func start(_ text: String, for alias: String) throws(Failure) {
    let pair = try SocketPair()
    command = try Child(
      path: "/bin/sh", arguments: ["sh", "-c", "exec " + text],
      environment: ThroughLoop.environment(to: alias),
      streams: .init(input: pair.theirs.number, output: pair.theirs.number))
    hold(pair.intoOurs())
  }

  private func hold(_ socket: consuming Descriptor) {
    socket.setNonBlocking()
    number = socket.number
    self.socket = consume socket
  }

  /// Since when the connection is open; `nil` before.
  var openSince: Moment? {
    if case .listening(let since) = state { since } else { nil }
  }

  /// The preamble and ssh's first bytes, as far as the server has not taken them yet.
  var unsent: [UInt8] { firstByte.unsent }

  /// What to wait for.
  var awaited: [pollfd] {
    switch state {
    case .connecting(let race): race.awaited
    case .asking(let proxy): [pollfd(fd: number, events: proxy.events, revents: 0)]
    case .listening: [pollfd(fd: number, events: firstByte.events, revents: 0)]
    }
  }

  /// When there is something to do even if nothing that is waited for is ready; `nil` for never.
  var wake: Moment? {
    switch state {
    case .connecting(let race): min(race.wake ?? limit, limit)
    case .asking: limit
    case .listening: nil
    }
  }

  /// Does what can be done without waiting.
  /// - Parameter items: `awaited` after the wait.
  /// - Returns: the connection, non-blocking, once it counts.
  /// - Throws: `.temporary` where another try may help; else what is final.
  func advance(_ items: [pollfd], at now: Moment) throws(Failure) -> Descriptor? {
    if case .connecting(var race) = state {
      guard let connected = try race.advance(items, at: now) else {
        state = .connecting(race)
        guard now < limit else { throw .unconnected(ETIMEDOUT) }
        return nil
      }
      hold(connected)
      state = ProxyHandshake(through).map { .asking($0) } ?? .listening(since: now)
    }
    guard let held = socket.take() else { throw .unconnected(EBADF) }
    if case .asking(var proxy) = state {
      let isThrough = try proxy.advance(held)
      state = isThrough ? .listening(since: now) : .asking(proxy)
      guard isThrough || now < limit else {
        throw .proxyFailed("the proxy does not answer in time")
      }
    }
    if case .listening = state {
      switch try firstByte.advance(held) {
      case .answered:
        hasHeard = true
        return held
      case .sent: return held
      case .nothingYet: break
      }
    }
    socket = consume held
    return nil
  }

  /// Leaves the command to itself: somebody else has the connection now, and it ends with that.
  func letGo() { command.take()?.leave() }

  /// One try that counts as soon as the endpoint is at the other end.
  /// - Throws: `.inputOutput` when a command cannot be started.
  public convenience init(to destination: DialDestination, until limit: Moment) throws(Failure) {
    try self.init(destination, until: limit, waitsForAnswer: false, input: nil, at: .now)
  }

  /// - Returns: a connected, non-blocking socket.
  /// - Throws: `.temporary` where another try may help, `.cancelled`; else what is final.
  public func connect(caller: HangUpMonitor) throws(Failure) -> Descriptor {
    while true {
      var items = awaited
      _ = try caller.wait(for: &items, until: wake ?? limit)
      let now = Moment.now
      if let socket = try advance(items, at: now) { return socket }
      // The other states look at the limit themselves.
      if case .listening = state, now >= limit { throw .unconnected(ETIMEDOUT) }
    }
  }
}
