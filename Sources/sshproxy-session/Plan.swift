import OpenSSH
import Providers
import SessionRecord
import Sessions
import SystemIO

/// What a command goes by: configuration, meaning of the alias and store, each read once, so that a file
/// edited meanwhile cannot mix two targets.
final class Plan {
  let context: Context
  let alias: Alias
  let configuration: Configuration
  let target: Target
  let rule: EndpointRule
  let providers: ProviderFactory
  private var opened: SessionStore?

  /// - Parameter known: the configuration, where it has been read already.
  /// - Throws: what the configuration throws.
  init(
    _ context: Context, _ alias: Alias, _ known: Configuration? = nil
  ) throws(Failure) {
    self.context = context
    self.alias = alias
    if let known { configuration = known } else { configuration = try context.configuration() }
    target = try configuration.target(for: alias)
    rule = try configuration.endpointRule(for: target)
    providers = context.providers(configuration)
  }

  /// The sessions on this machine. Opened when first asked for: an ephemeral session makes nothing here.
  func store() throws(Failure) -> SessionStore {
    if let opened { return opened }
    let store = try SessionStore(path: context.files.stateDirectory)
    opened = store
    return store
  }

  /// - Parameter caller: who waits; `nil` for who waits for the command.
  func manager(caller: HangUpMonitor? = nil) -> SessionManager {
    SessionManager(
      target: target,
      // A stored session needs neither the provider nor its key.
      provider: { [providers, target] () throws(Failure) in try providers.provider(for: target) },
      configurationFile: context.files.configurationFile, rule: rule,
      limits: configuration.connection,
      worksUnattended: configuration.worksUnattended(for: target),
      caller: caller ?? context.caller)
  }

  /// The alias's session, stored or new.
  /// - Parameter keyType: `nil` for the kind of key that the route calls for.
  /// - Throws: what the provider and the store throw.
  func prepare(keyType: KeyType? = nil) throws(Failure) -> StoredSession {
    defer { context.liveLine.clear() }
    let stored = try manager().prepare(try store(), keyType: keyType ?? target.keyType)
    context.trace("session \(stored.record.name) at \(stored.record.endpoint)")
    return stored
  }
}
