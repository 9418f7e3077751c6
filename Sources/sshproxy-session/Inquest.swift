import SessionRecord
import Sessions
import SystemIO

/// What `connect` wants to know when a session from earlier does not answer.
struct Inquest {
  private let context: Context
  private let alias: Alias

  init(_ context: Context, _ alias: Alias) {
    self.context = context
    self.alias = alias
  }

  /// Asks the provider once. Returns where it is worth to go on, also when the provider cannot be
  /// asked: then nothing has been learnt.
  /// - Throws: `.busy` when the session is gone; it has been dropped.
  func ask(about name: String) throws(Failure) {
    defer { context.liveLine.clear() }
    let configuration = try context.configuration()
    let target = try configuration.target(for: alias)
    let store = try SessionStore(path: context.files.stateDirectory)
    let broker = Broker(
      target: target, provider: LazyProvider(context.providers(configuration), target),
      configurationFile: context.files.configurationFile,
      deadline: configuration.connection.deadline, caller: context.caller)
    let isAlive: Bool
    do throws(Failure) {
      isAlive = try broker.ask(about: name, store)
    } catch {
      guard [.busy, .unreachable].contains(error.kind) else { throw error }
      return context.trace("\(error.step): \(error.message)")
    }
    guard isAlive else {
      throw Failure(
        .busy, "the session is gone at \(target.provider.title)",
        hint: "run it again: a new one is made")
    }
  }

  /// Drops a session that has not answered until the deadline, so that the next run starts anew.
  func drop(_ name: String) throws(Failure) {
    let store = try SessionStore(path: context.files.stateDirectory)
    let limit = Moment.now + 5000
    let lock = try AliasLock(alias.name, in: store, until: limit, caller: context.caller)
    guard let record = store.state.record(named: name, of: alias.name) else { return }
    try lock.drop(record, of: alias.name, in: store, until: limit, caller: context.caller)
  }
}
