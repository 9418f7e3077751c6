import SystemIO

/// The one question to the provider, when a session from earlier does not answer: is it still there?
/// `sshproxy-session` asks, wakes a sleeping machine, or drops a session that is gone.
final class Inquiry {
  private enum State {
    case due(Moment)
    case running(Companion.Run)
    case over
  }

  private var state: State

  /// - Parameter due: when to ask; `nil` for a session that was made just now.
  init(due: Moment?) {
    state = due.map { .due($0) } ?? .over
  }

  /// The latest moment at which a wait must end so that the question is asked in time.
  func limit(_ moment: Moment) -> Moment {
    if case .due(let due) = state { min(due, moment) } else { moment }
  }

  var isRunning: Bool {
    if case .running = state { true } else { false }
  }

  /// What to wait for while it runs.
  var awaited: pollfd {
    if case .running(let run) = state { run.awaited } else { pollfd(fd: -1, events: 0, revents: 0) }
  }

  func startIfDue(alias: String, session: String, invocation: Invocation) throws(Failure) {
    guard case .due(let due) = state, Moment.now >= due else { return }
    let words = ["prepare", "--leash", "--ask", session, alias]
    state = .running(try Companion.Run(words, for: invocation))
  }

  /// Ends the asking: it holds the alias's lock.
  func giveUp() { state = .over }

  /// The answer, once `awaited` has come: 0 to go on, else the status to end with.
  func finish() -> Int32 {
    guard case .running(let run) = state else { return 0 }
    state = .over
    return run.status()
  }
}
