import SessionRecord
import Sessions
import SystemIO

/// Answers what `connect` asks when a stored session does not answer: is it still there?
struct SessionProbe {
  private let context: Context
  private let alias: Alias

  init(_ context: Context, _ alias: Alias) {
    self.context = context
    self.alias = alias
  }

  /// Asks the provider once. Returns when it is worth going on: the session is alive, or the
  /// provider is out of reach and so nothing was learnt.
  /// - Throws: `.temporary` when the session is gone at the provider; it is dropped here as well.
  func ask(about name: String) throws(Failure) {
    defer { context.liveLine.clear() }
    let configuration = try context.configuration()
    let target = try configuration.target(for: alias)
    let store = try SessionStore(path: context.files.stateDirectory)
    let manager = try context.manager(configuration, target)
    let isAlive: Bool
    do throws(Failure) {
      isAlive = try manager.ask(about: name, store)
    } catch {
      guard [.temporary, .unreachable].contains(error.kind) else { throw error }
      return context.trace("\(error.step): \(error.message)")
    }
    guard isAlive else {
      throw Failure(
        .temporary, "the session is gone at \(target.provider.title)",
        hint: "run it again: a new one is made")
    }
  }

  /// Asks about a good session that was not looked after lately, and drops it when it is gone: for a
  /// caller that is to log in at the first try. What cannot be learnt soon is left to ssh.
  func confirm() throws(Failure) {
    defer { context.liveLine.clear() }
    let store = try SessionStore(path: context.files.stateDirectory)
    let now = WallClock.seconds
    guard let record = store.state.record(of: alias.name), record.isFresh(at: now),
      record.isAskable, store.state.takesUpkeep(of: record, alias.name, at: now)
    else { return }
    do throws(Failure) {
      let configuration = try context.configuration()
      let manager = try context.manager(configuration, try configuration.target(for: alias))
      let isAlive = try manager.ask(about: record.name, store, patience: Self.patience)
      context.trace("session \(record.name) is \(isAlive ? "there" : "gone")")
    } catch {
      if error.kind == .cancelled { throw error }
      context.trace("\(error.step): \(error.message)")
    }
  }

  /// How long `confirm` may take, in milliseconds.
  private static let patience = 3000

  /// Looks after a session that is good, while nobody waits: in the background of whatever the user does,
  /// without the terminal, and out of the directory in which ssh was called.
  func lookAfter(_ name: String) throws(Failure) {
    setsid()
    chdir("/")
    _ = nice(Self.background)
    let configuration = try context.configuration()
    let target = try configuration.target(for: alias)
    let store = try SessionStore(path: context.files.stateDirectory)
    try context.manager(configuration, target).lookAfter(name, store)
  }

  /// What brings us to the lowest priority (nice(2)).
  private static let background: Int32 = 19

  /// Drops a session that has not answered by the deadline, so that the next run makes a new one.
  func drop(_ name: String) throws(Failure) {
    let store = try SessionStore(path: context.files.stateDirectory)
    let limit = Moment.now + 5000
    let lock = try AliasLock(alias.name, in: store, until: limit, caller: context.caller)
    guard let record = store.state.record(named: name, of: alias.name) else { return }
    try lock.drop(record, of: alias.name, in: store, until: limit, caller: context.caller)
  }
}
