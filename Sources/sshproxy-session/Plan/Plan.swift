import Configuration
import Endpoint
import OpenSSH
import Providers
import SSHClient
import SSHSetup
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

  /// The sessions on this machine.
  func store() throws(Failure) -> SessionStore { try context.store() }

  func manager() -> SessionManager {
    SessionManager(
      target: target,
      // A stored session needs neither the provider nor its key.
      provider: { [providers, target] () throws(Failure) in try providers.provider(for: target) },
      configurationFile: context.files.configurationFile,
      configurationWritten: configuration.lastWrite, rule: rule, limits: configuration.connection,
      worksUnattended: configuration.worksUnattended(for: target),
      caller: context.caller)
  }

  /// The alias's session, stored or new, for whoever logs in: ssh on the route
  /// `direct`, else libssh2.
  /// - Parameter forLibSSH2: whether libssh2 logs in whatever the route.
  /// - Throws: what the provider and the store throw.
  func prepare(forLibSSH2: Bool = false) throws(Failure) -> StoredSession {
    defer { context.liveLine.clear() }
    let logsInBySSH = target.route == .direct && !forLibSSH2
    let stored = try manager().prepare(
      try store(), for: logsInBySSH ? .ssh : pointerForLibSSH2)
    context.trace("session \(stored.record.name) at \(stored.record.endpoint.words)")
    return stored
  }

  /// Whose session libssh2 can use for this target. Up to 1.10 it takes certificates for
  /// ECDSA keys only; where no certificate is involved, ssh's session serves as well.
  var pointerForLibSSH2: SessionPointer {
    guard !SSHSession.takesEd25519Certificates else { return .ssh }
    // Whether a program of the user's certifies keys is known only after it has opened a session.
    let mayCertify =
      target.provider == .command
      || Installed.facts.contains { $0.kind == target.provider && $0.certifiesKeys }
    return mayCertify ? .libSSH2 : .ssh
  }

  /// - Parameter acceptsNew: whether the key of an unknown host is recorded among the user's.
  func connector(acceptsNew: Bool = false) -> SSHConnector {
    SSHConnector(
      .init(
        target: target, rule: rule, seconds: configuration.connection.deadline,
        home: context.files.home, agent: context.environment["SSH_AUTH_SOCK"]),
      acceptsNew: acceptsNew, caller: context.caller, trace: { [context] in context.trace($0) })
  }

  /// Connects with libssh2 to a stored session; the provider is asked about one that is silent.
  /// - Throws: what the connector throws.
  func connect(_ connector: SSHConnector, to stored: StoredSession) throws(Failure) -> SSHSession {
    try connector.connect(to: stored, in: try store()) { (name, limit) throws(Failure) in
      try SessionProbe(self).ask(about: name, until: limit)
    }
  }
}

extension Plan {
  /// What ssh is given before the host, where no line of its configuration calls us.
  /// - Parameter login: the user's own, which is given with the host; `nil` for the session's.
  /// - Throws: `.internalError` where `sshproxy` itself is not found, `.invalidResponse` for a value that ssh cannot
  ///   be given.
  func sshOptions(for stored: StoredSession, login: String?) throws(Failure) -> [String] {
    var words: [String] = []
    let isSecret = target.route == .direct && stored.session.hasSecretLogin
    // Everybody can read a process's arguments.
    if isSecret { words = ["-F", "\(stored.directory)/\(Session.FileName.wholeConfiguration)"] }
    // To ssh, an option counts more than `user@`.
    for setting in stored.session.settings(for: target, directory: stored.directory)
    where (login == nil && !isSecret) || setting.keyword != .user {
      words += try setting.arguments()
    }
    let call = try SSHSetup.proxyCommand(
      program: try InstalledPrograms.sshproxy(), files: context.files,
      reach: stored.record.reach)
    let passing = stored.session.isDialled(for: target) ? "yes" : "no"
    return words + ["-o", "ProxyCommand=\(call)", "-o", "ProxyUseFdpass=\(passing)"]
  }
}
