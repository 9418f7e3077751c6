import OpenSSH
import Providers
import SSHClient
import SessionRecord
import Sessions
import SystemIO

/// Connects to a session's endpoint with libssh2: dials, verifies the host, logs in.
struct SSHConnector {
  let context: Context
  let alias: Alias
  let target: Target
  let caller: HangUpMonitor
  /// Where the provider's answers may lead.
  let rule: EndpointRule
  let helper = ConnectionHelper()
  private let acceptsNew: Bool
  private let providers: ProviderFactory
  private let limits: Configuration.Connection
  let deadline: Moment
  /// The login that the user gave, where it is the user's to give.
  var login: String?

  /// - Parameter acceptsNew: whether the key of an unknown host is recorded among the user's.
  /// - Throws: `.configuration` when the configuration cannot be read.
  init(
    _ context: Context, _ alias: Alias, _ target: Target, caller: HangUpMonitor,
    acceptsNew: Bool = false
  ) throws(Failure) {
    self.context = context
    self.alias = alias
    self.target = target
    self.caller = caller
    self.acceptsNew = acceptsNew
    let configuration = try context.configuration()
    providers = context.providers(configuration)
    rule = try configuration.endpointRule(for: target)
    limits = configuration.connection
    deadline = Moment.now + Int.milliseconds(seconds: limits.deadline)
  }

  /// The configured deadline, in seconds.
  var seconds: Int { limits.deadline }

  /// The alias's session, stored or new, with a kind of key that libssh2 can use.
  func prepare() throws(Failure) -> StoredSession {
    try context.prepare(alias, keyType: target.keyTypeForLibSSH2)
  }

  /// Connects and logs in to a stored session. From then on this process's memory is bounded.
  func connect(to stored: StoredSession) throws(Failure) -> SSHSession {
    let probe = EndpointProbe(
      context: context, alias: alias, target: target, stored: stored, deadline: deadline)
    let verification = HostVerification(
      files: context.files, session: stored.session,
      place: .init(
        alias: alias, directory: stored.directory, deadline: deadline, caller: caller),
      acceptsNew: acceptsNew)
    let authentication = Authentication(context: context, session: stored.session)
    let ssh = try handshake(
      stored.session, stored.record.addresses, try verification.trust(), probe)
    do throws(Failure) {
      if stored.session.usesSessionKey {
        let store = try SessionStore(path: context.files.stateDirectory)
        try authentication.withSessionKey(ssh, try store.key(of: stored))
      } else {
        try authentication.withoutSessionKey(ssh, as: login)
      }
    } catch {
      if error.kind == .denied { try probe.ask() }
      throw error
    }
    context.trace("logged in")
    MemoryLimit.set()
    return ssh
  }

  /// Opens a session at the provider without storing it.
  func openUnstored() throws(Failure) -> NewSession {
    let manager = SessionManager(
      target: target, provider: LazyProvider(providers, target),
      configurationFile: context.files.configurationFile, rule: rule, limits: limits,
      worksUnattended: false, caller: caller)
    return try manager.open(target.keyTypeForLibSSH2)
  }

  /// Connects and logs in to a session that was not stored.
  func connect(to new: borrowing NewSession) throws(Failure) -> SSHSession {
    let verification = HostVerification(
      files: context.files, session: new.session, place: nil, acceptsNew: acceptsNew)
    let ssh = try handshake(new.session, new.addresses, try verification.trust(), nil)
    let authentication = Authentication(context: context, session: new.session)
    if new.session.usesSessionKey {
      try authentication.withSessionKey(ssh, new.key)
    } else {
      try authentication.withoutSessionKey(ssh, as: login)
    }
    MemoryLimit.set()
    return ssh
  }

  /// Ends a session that was not stored, at the provider, even when nobody waits for us any more.
  func close(_ new: borrowing NewSession) throws(Failure) {
    guard new.session.id != nil else { return }
    try providers.provider(for: target).close(new.session, until: Moment.now + 20_000)
  }

  /// Leaves this process what `close` takes: the provider, with the key that opened the session. A
  /// provider that is a program of the user's own has to be run for it, with all that it may do.
  func confineToClosing() {
    switch target.provider {
    case .static: Confinement.toStreaming()
    case .command: break
    default: providers.confine()
    }
  }
}
