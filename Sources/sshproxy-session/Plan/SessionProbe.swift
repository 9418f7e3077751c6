import Configuration
import OpenSSH
import SessionRecord
import Sessions
import SystemIO

/// Finds out what has become of a stored session that is silent, or refuses its key, and looks after one
/// that is good. The order of locks is the session manager's.
struct SessionProbe {
  private let plan: Plan

  init(_ plan: Plan) {
    self.plan = plan
  }

  /// Asks the provider once.
  /// - Parameter limit: when the answer is of no use any more; `nil` for the configured deadline.
  /// - Returns: the session as it is stored by now, perhaps with other addresses; `nil` when the provider
  ///   is out of reach and so nothing was learnt.
  /// - Throws: `.temporary` when the session is gone at the provider; it is dropped here as well.
  func ask(about name: String, until limit: Moment? = nil) throws(Failure) -> StoredSession? {
    defer { plan.context.liveLine.clear() }
    let verdict: SessionManager.Verdict
    do throws(Failure) {
      verdict = try plan.manager().ask(about: name, try plan.store(), until: limit)
    } catch {
      guard [.temporary, .unreachable].contains(error.kind) else { throw error }
      plan.context.trace(error.text)
      return nil
    }
    switch verdict {
    case .alive(let stored), .replaced(let stored): return stored
    case .gone:
      throw Failure(
        .temporary, "the session is gone at \(plan.target.provider.title)",
        hint: "run it again: a new one is made")
    }
  }

  /// Asks about a good session that was not looked after lately, and drops it when it is gone: so that ssh logs
  /// in at the first try. What cannot be learnt soon is left to ssh.
  func confirm() throws(Failure) {
    let (context, alias) = (plan.context, plan.alias.name)
    defer { context.liveLine.clear() }
    let store = try plan.store()
    let now = WallClock.seconds
    guard let record = store.state.record(of: alias), record.isFresh(at: now),
      record.isAskable, store.state.takesUpkeep(of: record, alias, at: now)
    else { return }
    do throws(Failure) {
      let verdict = try plan.manager().ask(
        about: record.name, store, until: Moment.now + Self.timeout)
      if case .gone = verdict {
        context.trace("session \(record.name) is gone")
      } else {
        context.trace("session \(record.name) is there")
      }
    } catch {
      if error.kind == .cancelled { throw error }
      context.trace(error.text)
    }
  }

  /// How long `confirm` may take, in milliseconds.
  private static let timeout = 3000
  /// How long the locks for `drop` may be waited for, in milliseconds; `connect`, which has it done, may end it
  /// before.
  private static let dropTimeout = 5000
  /// How long ssh may take from `prepare` to `connect`, in milliseconds: what it has read in between
  /// belongs to the session that `connect` has to find.
  private static let startOfSSH = 500

  /// Looks after a session that is good, while nobody waits: in the background of whatever the user does,
  /// without the terminal, and out of the directory in which ssh was called.
  func upkeep(of name: String) throws(Failure) {
    OwnProcess.goToBackground()
    let store = try plan.store()
    let stored = store.current(plan.alias.name, by: .ssh)
    // One that cannot be read is dropped below.
    guard let record = stored?.record ?? store.state.record(of: plan.alias.name),
      record.name == name
    else { return }
    // What is dropped now makes `connect` ask for another one; where that leads elsewhere, ssh would record
    // its key in the user's known hosts under the name that it has read.
    if store.state.isRenewalDue(record, at: WallClock.seconds)
      || stored?.session.hostTrust == .users
    {
      try plan.context.caller.sleep(until: Moment.now + Self.startOfSSH)
    }
    try plan.manager().upkeep(of: name, store)
  }

  /// Drops a session that has not answered by the deadline, so that the next run makes a new one. The
  /// configuration is not read: whatever it says now, the session is of no use.
  static func drop(_ name: String, _ alias: Alias, _ context: Context) throws(Failure) {
    let store = try context.store()
    let limit = Moment.now + Self.dropTimeout
    let lock = try AliasLock(alias.name, in: store, until: limit, caller: context.caller)
    guard let record = store.state.record(named: name, of: alias.name) else { return }
    try lock.drop(record, until: limit)
  }
}
