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
    let manager = SessionManager(
      target: target, provider: LazyProvider(context.providers(configuration), target),
      configurationFile: context.files.configurationFile,
      rule: try configuration.endpointRule(for: target),
      limits: configuration.connection, caller: context.caller)
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

  /// Drops a session that has not answered by the deadline, so that the next run makes a new one.
  func drop(_ name: String) throws(Failure) {
    let store = try SessionStore(path: context.files.stateDirectory)
    let limit = Moment.now + 5000
    let lock = try AliasLock(alias.name, in: store, until: limit, caller: context.caller)
    guard let record = store.state.record(named: name, of: alias.name) else { return }
    try lock.drop(record, of: alias.name, in: store, until: limit, caller: context.caller)
  }
}
