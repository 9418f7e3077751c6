import Dialing
import SessionRecord
import SystemIO

/// Asks the provider, once, whether a stored session that does not answer still exists.
/// `sshproxy-session` does it: it wakes a sleeping machine, and drops a session that is gone.
final class LivenessProbe: SilenceProbe {
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
    guard let state = try invocation.openState() else { return nil }
    let place = SessionSearch.Place(state)
    guard let record = place.state.record(of: alias) else { return nil }
    guard record.endpointIdentity == found.record.endpointIdentity else {
      throw .moved(to: record.endpoint)
    }
    found = .init(
      record: record, hasAnswered: found.hasAnswered && record.name == found.record.name,
      place: place)
    return DialDestination(found, for: alias)
  }
}
