import SessionRecord
import SystemIO

/// Dials until the server has sent its first byte.
///
/// A refused, dropped or silent connection is dialled again with backoff until the deadline: the
/// port may not be exposed yet, the machine may still be waking. If the session was stored by an
/// earlier ssh, the provider is asked once whether it still exists.
final class RetryingDialer {
  /// The provider is asked after this long without a byte on a stored session, in milliseconds.
  private static let probeDelay = 3000
  /// A session older than this, in milliseconds, was made by an earlier ssh.
  private static let newSessionAge = 2000
  /// A connection counts as silent after this long without a byte, in milliseconds.
  private static let silenceThreshold = 1000
  /// How long one TCP handshake may take, in milliseconds.
  private static let handshakeLimit = 10_000
  /// The same while the provider is being asked, so that its answer is heard soon.
  private static let handshakeLimitDuringProbe = 2000

  private let alias: String
  private var record: SessionRecord
  private let invocation: Invocation
  private let caller: HangUpMonitor
  private let trace: Trace
  private let deadline: Moment
  private let waitsForAnswer: Bool
  private let isStored: Bool
  /// Whether the session is known to have answered before; then there is nothing to note.
  private var hasAnswered: Bool
  private let firstByte: FirstByteWait
  private let probe: LivenessProbe
  private var backoff = Backoff(first: 20, most: 1000, growth: 15)
  /// How long to wait on a silent connection before dialling again, in milliseconds. It doubles each
  /// time: a gateway may accept the connection while the machine behind it is still waking.
  private var patience = Patience(first: 5000)
  private var lastError = "the server says nothing"

  /// The last connection's, with the command that it goes through, if any.
  private(set) var dialer: EndpointDialer?
  /// The exit status when `run` returns `nil`: the reason has been reported already.
  private(set) var status = ExitStatus.done.rawValue
  /// The preamble and ssh's first bytes, as far as the server has not taken them yet.
  var unsent: [UInt8] { firstByte.unsent }

  /// - Parameter input: ssh's bytes in the relay; `nil` when the socket is passed to ssh.
  init(
    alias: String, record: SessionRecord, invocation: Invocation, caller: HangUpMonitor,
    trace: Trace,
    input: Replay?
  ) {
    self.alias = alias
    self.record = record
    self.invocation = invocation
    self.caller = caller
    self.trace = trace
    hasAnswered = invocation.openState()?.hasAnswered(record, of: alias) ?? false
    waitsForAnswer = input != nil || !hasAnswered
    let used = hasAnswered ? 0 : record.opening
    let left = record.deadline.saturatingSubtracting(used)
    deadline = Moment.now + max(left, record.deadline / 4)
    let made = Int64.milliseconds(seconds: record.created).saturatingAdding(Int64(record.opening))
    let age = WallClock.milliseconds.saturatingSubtracting(made)
    isStored = hasAnswered || age > Int64(Self.newSessionAge)
    probe = LivenessProbe(due: isStored ? Moment.now + Self.probeDelay : nil)
    firstByte = FirstByteWait(preamble: record.preamble, input: input, caller: caller)
  }

  /// - Returns: the connection; `nil` when the provider was asked and said no, see `status`.
  /// - Throws: `.temporary` at the deadline, `.cancelled`, `.inputOutput`.
  func run() throws(Failure) -> Descriptor? {
    while Moment.now < deadline {
      if let socket = try dial(), try hearsFirstByte(on: socket) { return socket }
      guard status == 0, try pause() else { return nil }
    }
    if isStored { try dropSession() }
    throw Failure(
      .temporary, "\(record.endpoint): \(lastError) for \(record.deadline / 1000) s",
      hint: (record.passage == nil ? Passage.hint : nil)
        ?? "the machine may be down or still starting: run it again, or `sshproxy check \(alias)`")
  }

  /// Has a stored session dropped that did not answer until the deadline, so that the next ssh makes
  /// a new one.
  private func dropSession() throws(Failure) {
    probe.giveUp()
    let run = try Helper.Run(
      ["prepare", "--lifeline", "--drop", record.name, alias], for: invocation)
    var items = [run.awaited]
    if try caller.wait(for: &items, until: Moment.now + Self.probeDelay) { _ = run.status() }
  }

  private func dial() throws(Failure) -> Descriptor? {
    let dialer = EndpointDialer(record.addresses, through: record.passage, for: alias)
    self.dialer = dialer
    do {
      let handshake = probe.isRunning ? Self.handshakeLimitDuringProbe : Self.handshakeLimit
      let limit = probe.limit(min(deadline, Moment.now + handshake))
      return try dialer.connect(until: limit, caller: caller)
    } catch {
      switch error {
      case .cancelled(let failure): throw failure
      case .failed(let error) where error.number == EMFILE || error.number == ENFILE:
        throw error.failure
      case .failed(let error): lastError = error.reason
      case .passage(let reason): lastError = reason
      case .refused(let failure): throw failure
      }
      return nil
    }
  }

  /// - Returns: whether the server has answered; `false` means to dial again, or to end with `status`.
  private func hearsFirstByte(on socket: borrowing Descriptor) throws(Failure) -> Bool {
    trace("connected")
    firstByte.restart()
    let start = Moment.now
    let limit = min(deadline, start + patience.milliseconds)
    while status == 0 {
      var answer = probe.awaited
      switch try firstByte.wait(
        on: socket, until: probe.limit(limit), waitsForAnswer: waitsForAnswer, also: &answer)
      {
      case .answered:
        trace("first byte")
        if !hasAnswered { invocation.openState()?.setAnswered(record, of: alias) }
        return true
      case .sent: return true
      case .dropped(let reason):
        lastError = reason
        return false
      case .nothingYet:
        if answer.revents != 0 { try handle(probe.finish()) }
        try probe.startIfDue(alias: alias, session: record.name, invocation: invocation)
        if Moment.now >= limit {
          // If the deadline cuts the last try short, the last error of the tries before it counts.
          if Moment.now - start >= Self.silenceThreshold { lastError = "the server says nothing" }
          patience.grow()
          return false
        }
      }
    }
    return false
  }

  /// Waits until it is time for the next try; meanwhile the provider is asked if that is due.
  /// - Returns: whether there is to be a next try.
  private func pause() throws(Failure) -> Bool {
    try probe.startIfDue(alias: alias, session: record.name, invocation: invocation)
    trace("\(lastError); dialling again")
    var items = [probe.awaited]
    let next = probe.limit(min(deadline, Moment.now + backoff.next()))
    if try caller.wait(for: &items, until: next) { try handle(probe.finish()) }
    return status == 0
  }

  /// Takes the provider's answer; the session may have moved to other addresses.
  /// - Parameter answer: an exit status of `sshproxy-session prepare --ask`.
  private func handle(_ answer: Int32) throws(Failure) {
    status = answer
    trace("the provider was asked: \(answer)")
    guard answer == 0, let found = invocation.openState()?.record(of: alias) else { return }
    if found.name != record.name { hasAnswered = false }
    record = found
  }
}
