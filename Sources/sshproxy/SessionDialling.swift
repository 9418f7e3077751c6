import Dialing
import SessionRecord
import SystemIO

/// Dials the endpoint of a session that is on record.
///
/// If the session was stored by an earlier ssh, the provider is asked once whether it still exists; one
/// that does not answer until the deadline is dropped, so that the next ssh makes a new one.
struct SessionDialling {
  /// The provider is asked after this long without a byte on a stored session, in milliseconds.
  private static let probeDelay = 3000
  /// A session older than this, in milliseconds, was made by an earlier ssh.
  private static let newSessionAge = 2000

  let dialer: Dialer
  private let alias: String
  private let invocation: Invocation
  private let caller: HangUpMonitor
  private let isStored: Bool
  private let probe: LivenessProbe

  /// - Parameter input: ssh's bytes in the relay; `nil` when the socket is passed to ssh.
  init(
    _ found: SessionSearch.Found, alias: String, invocation: Invocation, caller: HangUpMonitor,
    trace: Trace, input: Replay?
  ) {
    let record = found.record
    self.alias = alias
    self.invocation = invocation
    self.caller = caller
    let used = found.hasAnswered ? 0 : record.opening
    let left = record.deadline.saturatingSubtracting(used)
    let deadline = Moment.now + max(left, record.deadline / 4)
    let made = Int64.milliseconds(seconds: record.created).saturatingAdding(Int64(record.opening))
    let age = WallClock.milliseconds.saturatingSubtracting(made)
    isStored = found.hasAnswered || age > Int64(Self.newSessionAge)
    probe = LivenessProbe(
      found, alias: alias, invocation: invocation,
      due: isStored ? Moment.now + Self.probeDelay : nil, trace: trace)
    dialer = Dialer(
      DialDestination(found, for: alias),
      .init(
        endpoint: record.endpoint, alias: alias, seconds: record.deadline / 1000,
        isDirect: record.passage == nil), until: deadline, input: input,
      probe: probe, caller: caller, trace: { trace($0) })
  }

  /// - Throws: `.temporary` at the deadline, `.reported` when the provider was asked and said no,
  ///   `.cancelled`, `.inputOutput`.
  func run() throws(Failure) -> Descriptor {
    do throws(Failure) {
      let socket = try dialer.connect { (socket, _) throws(Failure) in socket }
      let found = probe.found
      if dialer.hasHeard, !found.hasAnswered {
        found.place.state.setAnswered(found.record, of: alias)
        found.place.state.forgetFailure(of: alias)
      }
      return socket
    } catch {
      if isStored, error.kind == .temporary, !error.isReported, dialer.isOver { try dropSession() }
      throw error
    }
  }

  private func dropSession() throws(Failure) {
    probe.giveUp()
    let name = probe.found.record.name
    let run = try Helper.Run(["prepare", "--lifeline", "--drop", name, alias], for: invocation)
    var items = [run.awaited]
    if try caller.wait(for: &items, until: Moment.now + Self.probeDelay) { _ = run.status() }
  }
}

extension DialDestination {
  init(_ found: SessionSearch.Found, for alias: String) {
    let record = found.record
    self.init(
      record.addresses, through: record.passage, preamble: record.preamble,
      hasAnswered: found.hasAnswered, for: alias)
  }
}
