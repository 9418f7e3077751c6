import SessionRecord
import SystemIO

/// Dialling until the server has said something.
///
/// A refused, dropped or silent connection is dialled again with backoff until the deadline: an
/// exposure may still be on its way, a machine still waking. On a session from earlier the provider
/// is asked once what has become of it.
final class Approach {
  /// The provider is asked after so long without a byte on a stored session, in milliseconds.
  private static let askAfter = 3000
  /// A session older than this was made by an earlier ssh, in milliseconds.
  private static let justMade = 2000
  /// A connection that says nothing for so long is silent, in milliseconds.
  private static let isSilence = 1000
  /// The longest that one TCP handshake is waited for, in milliseconds.
  private static let handshake = 10_000
  /// The same while the provider is being asked: its answer is not to wait for long.
  private static let handshakeWhileAsking = 2000

  private let alias: String
  private var record: SessionRecord
  private let invocation: Invocation
  private let caller: Caller
  private let trace: Trace
  private let deadline: Moment
  private let waitsForAnswer: Bool
  private let isStored: Bool
  private let listener: Listener
  private let inquiry: Inquiry
  private var backoff = Backoff(first: 20, most: 1000, growth: 15)
  /// How long a silent connection is listened to; doubles, for a gateway that holds the line
  /// while the machine behind it wakes.
  private var silence = 5000
  private var trouble = "the server says nothing"

  /// The exit status when `run` found nothing to connect to and the reason has been said.
  private(set) var status = ExitStatus.done.rawValue
  /// What of ssh's first bytes the server has not taken yet.
  var unsent: [UInt8] { listener.unsent }

  /// - Parameter input: ssh's bytes in the relay; `nil` when the socket is passed to ssh.
  init(
    alias: String, record: SessionRecord, invocation: Invocation, caller: Caller, trace: Trace,
    input: Replay?
  ) {
    self.alias = alias
    self.record = record
    self.invocation = invocation
    self.caller = caller
    self.trace = trace
    let hasAnswered = invocation.openState()?.hasAnswered(record, of: alias) ?? false
    waitsForAnswer = input != nil || !hasAnswered
    let used = hasAnswered ? 0 : record.opening
    deadline = Moment.now + max(record.deadline - used, record.deadline / 4)
    let age = WallClock.milliseconds - record.created * 1000 - Int64(record.opening)
    isStored = hasAnswered || age > Int64(Self.justMade)
    inquiry = Inquiry(due: isStored ? Moment.now + Self.askAfter : nil)
    listener = Listener(preamble: record.preamble, input: input, caller: caller)
  }

  /// - Returns: the connection, or `nil` when `status` says how to end.
  func run() throws(Failure) -> Descriptor? {
    while Moment.now < deadline {
      if let socket = try dial(), try listen(to: socket) { return socket }
      guard status == 0, try pause() else { return nil }
    }
    if isStored { try drop() }
    throw Failure(
      .busy, "\(record.endpoint): \(trouble) for \(record.deadline / 1000) s",
      hint: "the machine may be down or still starting: run it again, or `sshproxy check \(alias)`")
  }

  /// A session from earlier that has not answered in all this time is not tried a second time.
  private func drop() throws(Failure) {
    inquiry.giveUp()
    let run = try Companion.Run(
      ["prepare", "--leash", "--drop", record.name, alias], for: invocation)
    var items = [run.awaited]
    if try caller.wait(for: &items, until: Moment.now + Self.askAfter) { _ = run.status() }
  }

  private func dial() throws(Failure) -> Descriptor? {
    var dialer = Dialer(record.addresses)
    do {
      let patience = inquiry.isRunning ? Self.handshakeWhileAsking : Self.handshake
      let limit = inquiry.limit(min(deadline, Moment.now + patience))
      return try dialer.connect(until: limit, caller: caller)
    } catch {
      switch error {
      case .cancelled(let failure): throw failure
      case .failed(let error) where error.number == EMFILE || error.number == ENFILE:
        throw error.failure
      case .failed(let error): trouble = error.reason
      }
      return nil
    }
  }

  /// - Returns: whether this is the connection.
  private func listen(to socket: borrowing Descriptor) throws(Failure) -> Bool {
    trace("connected")
    listener.restart()
    let start = Moment.now
    let patience = min(deadline, start + silence)
    while status == 0 {
      var answer = inquiry.awaited
      switch try listener.listen(
        to: socket, until: inquiry.limit(patience), waitsForAnswer: waitsForAnswer, also: &answer)
      {
      case .answered:
        trace("first byte")
        invocation.openState()?.setAnswered(record, of: alias)
        return true
      case .sent: return true
      case .dropped(let reason):
        trouble = reason
        return false
      case .nothingYet:
        if answer.revents != 0 { try heed(inquiry.finish()) }
        try inquiry.startIfDue(alias: alias, session: record.name, invocation: invocation)
        if Moment.now >= patience {
          // The deadline may cut the last try short: then what the tries before it met counts.
          if Moment.now - start >= Self.isSilence { trouble = "the server says nothing" }
          silence *= 2
          return false
        }
      }
    }
    return false
  }

  /// Waits for the next try; the provider is asked meanwhile when it is time, and heard.
  /// - Returns: whether to go on.
  private func pause() throws(Failure) -> Bool {
    try inquiry.startIfDue(alias: alias, session: record.name, invocation: invocation)
    trace("\(trouble); dialling again")
    var items = [inquiry.awaited]
    let next = inquiry.limit(min(deadline, Moment.now + backoff.next()))
    if try caller.wait(for: &items, until: next) { try heed(inquiry.finish()) }
    return status == 0
  }

  /// The session may have moved to other addresses meanwhile.
  private func heed(_ answer: Int32) throws(Failure) {
    status = answer
    trace("the provider was asked: \(answer)")
    if answer == 0, let moved = invocation.openState()?.record(of: alias) { record = moved }
  }
}
