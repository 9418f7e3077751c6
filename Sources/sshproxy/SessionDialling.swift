import Dialing
import SessionRecord
import SystemIO

/// Dials the endpoint of a session that is on record.
///
/// If the session was stored by an earlier ssh, the provider is asked once whether it still exists; one
/// that does not answer until the deadline is dropped, so that the next ssh makes a new one.
struct SessionDialling {
  /// How long dropping a session may take, in milliseconds: ssh waits to hear why it failed.
  private static let dropTimeout = 3000

  let dialer: Dialer
  private let alias: String
  private let invocation: Invocation
  private let caller: HangUpMonitor
  private let isStored: Bool
  private let probe: HelperProbe

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
    // Making the session may have used nearly all: so much is left to dial in.
    let deadline = Moment.now + max(left, record.deadline / 4)
    isStored = found.hasAnswered || !record.isJustMade(at: WallClock.milliseconds)
    probe = HelperProbe(
      found, alias: alias, invocation: invocation,
      due: isStored ? Moment.now + HelperProbe.delay : nil, trace: trace)
    dialer = Dialer(
      DialDestination(found, for: alias),
      .init(
        endpoint: record.endpoint.words, alias: alias, seconds: record.deadline / 1000,
        isDirect: record.through == nil), until: deadline, input: input,
      probe: probe, caller: caller, trace: { trace($0) })
  }

  /// - Throws: `.temporary` at the deadline, `.reported` when the provider was asked and said no,
  ///   `.cancelled`, `.inputOutput`.
  func run() throws(Failure) -> Descriptor {
    do throws(Failure) {
      let socket = try dialer.connect { (socket, _) throws(Failure) in socket }
      let found = probe.found
      if dialer.hasHeard, !found.hasAnswered {
        found.state.setAnswered(found.record, of: alias)
        found.state.forgetFailure(of: alias)
      }
      return socket
    } catch {
      if isStored, error.kind == .temporary, !error.isReported, dialer.isOver {
        do throws(Failure) {
          try dropSession()
        } catch let failure {
          // One of dropping it is not why there is no connection.
          if failure.isReported || failure.kind == .cancelled { throw failure }
        }
      }
      throw error
    }
  }

  private func dropSession() throws(Failure) {
    probe.giveUp()
    let name = probe.found.record.name
    let run = try Helper.Run(["prepare", "--lifeline", "--drop", name, alias], for: invocation)
    var items = [run.awaited]
    if try caller.wait(for: &items, until: Moment.now + Self.dropTimeout) { _ = run.status() }
  }
}

extension DialDestination {
  init(_ found: SessionSearch.Found, for alias: String) {
    let record = found.record
    self.init(
      record.addresses, through: record.through, preamble: record.preamble,
      hasAnswered: found.hasAnswered, for: alias)
  }
}

/// Asks the provider, once, whether a stored session that does not answer still exists.
/// `sshproxy-session` does it: it wakes a sleeping machine, and drops a session that is gone.
final class HelperProbe: LivenessProbe {
  private enum State {
    case due(Moment)
    case running(Helper.Run)
    case over
  }

  private var state: State
  private let alias: String
  private let invocation: Invocation
  private let trace: Trace
  /// The session as it is on record now.
  private(set) var found: SessionSearch.Found

  /// - Parameter due: when to ask; `nil` (never) for a session that was made just now.
  init(
    _ found: SessionSearch.Found, alias: String, invocation: Invocation, due: Moment?, trace: Trace
  ) {
    self.found = found
    self.alias = alias
    self.invocation = invocation
    self.trace = trace
    state = due.map { .due($0) } ?? .over
  }

  var due: Moment? {
    if case .due(let due) = state { due } else { nil }
  }

  var awaited: pollfd {
    if case .running(let run) = state { run.awaited } else { .hangUp(-1) }
  }

  func start() throws(Failure) -> DialDestination? {
    let words = ["prepare", "--lifeline", "--ask", found.record.name, alias]
    state = .running(try Helper.Run(words, for: invocation))
    return nil
  }

  /// Ends the question, which holds the alias's lock.
  func giveUp() { state = .over }

  /// Takes the provider's answer; the session may have moved to other addresses.
  ///
  /// Another one in its place counts only where it leads to the same endpoint: ssh has read the old one's
  /// block.
  /// - Throws: `.reported` when the answer is no, `.temporary` for a session that leads elsewhere,
  ///   `.inputOutput` when what was stored cannot be read.
  func finish() throws(Failure) -> DialDestination? {
    guard case .running(let run) = state else { return nil }
    state = .over
    let answer = run.status()
    trace("the provider was asked: \(answer)")
    guard answer == 0 else { throw .reported(answer) }
    // Anew: it may be another one by now, which our helper has made.
    guard let directory = try invocation.openState(), let record = directory.record(of: alias)
    else { return nil }
    guard record.endpointIdentity == found.record.endpointIdentity else {
      throw .moved(to: record.endpoint)
    }
    found = .init(
      record, hasAnswered: found.hasAnswered && record.name == found.record.name, in: directory)
    return DialDestination(found, for: alias)
  }
}
