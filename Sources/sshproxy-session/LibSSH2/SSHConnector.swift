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
  let caller: Caller
  private let acceptsNew: Bool
  private let limits: Configuration.Connection
  let deadline: Moment

  /// - Parameter acceptsNew: whether the key of an unknown host is recorded among the user's.
  /// - Throws: `.configuration` when the configuration cannot be read.
  init(
    _ context: Context, _ alias: Alias, _ target: Target, caller: Caller, acceptsNew: Bool = false
  ) throws(Failure) {
    self.context = context
    self.alias = alias
    self.target = target
    self.caller = caller
    self.acceptsNew = acceptsNew
    limits = try context.configuration().connection
    deadline = Moment.now + limits.deadline * 1000
  }

  /// The configured deadline, in seconds.
  var seconds: Int { limits.deadline }

  /// The alias's session, stored or new, with a kind of key that libssh2 can use.
  func prepare() throws(Failure) -> StoredSession {
    try context.prepare(alias, keyType: target.keyTypeForLibSSH2)
  }

  /// Connects and logs in to a stored session.
  func connect(to stored: StoredSession) throws(Failure) -> SSHSession {
    let inquiry = EndpointInquiry(
      context: context, alias: alias, target: target, stored: stored, deadline: deadline)
    let verification = HostVerification(
      files: context.files, session: stored.session, directory: stored.directory,
      acceptsNew: acceptsNew)
    let authentication = Authentication(context: context, session: stored.session)
    let ssh = try handshake(
      stored.session, stored.record.addresses, try verification.trust(), inquiry)
    do throws(Failure) {
      if stored.session.usesSessionKey {
        let store = try SessionStore(path: context.files.stateDirectory)
        try authentication.withSessionKey(ssh, try store.key(of: stored))
      } else {
        try authentication.withUsersKeys(ssh)
      }
    } catch {
      if error.kind == .denied { try inquiry.ask() }
      throw error
    }
    context.trace("logged in")
    return ssh
  }

  /// Opens a session at the provider without storing it.
  func openUnstored() throws(Failure) -> NewSession {
    let broker = Broker(
      target: target, provider: LazyProvider(try providers(), target),
      configurationFile: context.files.configurationFile, limits: limits, caller: caller)
    return try broker.open(target.keyTypeForLibSSH2)
  }

  /// Connects and logs in to a session that was not stored.
  func connect(to new: borrowing NewSession) throws(Failure) -> SSHSession {
    let verification = HostVerification(
      files: context.files, session: new.session, directory: nil, acceptsNew: acceptsNew)
    let ssh = try handshake(new.session, new.addresses, try verification.trust(), nil)
    let authentication = Authentication(context: context, session: new.session)
    if new.session.usesSessionKey {
      try authentication.withSessionKey(ssh, new.key)
    } else {
      try authentication.withUsersKeys(ssh)
    }
    return ssh
  }

  /// Ends a session that was not stored, at the provider, even when nobody waits for us any more.
  func close(_ new: borrowing NewSession) throws(Failure) {
    guard new.session.id != nil else { return }
    try providers().provider(for: target).close(new.session, until: Moment.now + 20_000)
  }

  private func providers() throws(Failure) -> ProviderFactory {
    context.providers(try context.configuration())
  }
}
