import SystemIO

/// Asks the provider, once, whether a stored session that does not answer still exists.
/// `sshproxy-session` does it: it wakes a sleeping machine, and drops a session that is gone.
final class LivenessProbe {
  private enum State {
    case due(Moment)
    case running(Helper.Run)
    case over
  }

  private var state: State

  /// - Parameter due: when to ask; `nil` (never) for a session that was made just now.
  init(due: Moment?) {
    state = due.map { .due($0) } ?? .over
  }

  /// `moment`, or when the question is due if that is earlier.
  func limit(_ moment: Moment) -> Moment {
    if case .due(let due) = state { min(due, moment) } else { moment }
  }

  var isRunning: Bool {
    if case .running = state { true } else { false }
  }

  /// What poll(2) has to wait for while the question is being asked.
  var awaited: pollfd {
    if case .running(let run) = state { run.awaited } else { .hangUp(-1) }
  }

  func startIfDue(alias: String, session: String, invocation: Invocation) throws(Failure) {
    guard case .due(let due) = state, Moment.now >= due else { return }
    let words = ["prepare", "--lifeline", "--ask", session, alias]
    state = .running(try Helper.Run(words, for: invocation))
  }

  /// Ends the question, which holds the alias's lock.
  func giveUp() { state = .over }

  /// The answer, once `awaited` is ready: 0 to go on, else the exit status to end with.
  func finish() -> Int32 {
    guard case .running(let run) = state else { return 0 }
    state = .over
    return run.status()
  }
}
