import OpenSSH
import Providers
import SSHClient
import SessionRecord
import Sessions
import SystemIO

/// The way into the endpoint of a session by libssh2: dial, believe the host, log in.
struct ExecEntry {
  let context: Context
  let alias: Alias
  let target: Target
  let caller: Caller
  private let acceptsNew: Bool
  let seconds: Int
  let deadline: Moment

  /// - Parameter acceptsNew: whether the key of an unknown host is recorded among the user's.
  /// - Throws: as reading the configuration.
  init(
    _ context: Context, _ alias: Alias, _ target: Target, caller: Caller, acceptsNew: Bool = false
  ) throws(Failure) {
    self.context = context
    self.alias = alias
    self.target = target
    self.caller = caller
    self.acceptsNew = acceptsNew
    seconds = try context.configuration().connection.deadline
    deadline = Moment.now + seconds * 1000
  }

  /// Gets the alias's session, stored or new, of the kind of key that libssh2 can use.
  func prepare() throws(Failure) -> StoredSession {
    try context.prepare(alias, keyType: target.keyTypeForLibSSH2)
  }

  /// Enters with a stored session.
  func enter(_ stored: StoredSession) throws(Failure) -> SSHSession {
    let inquest = ExecInquest(
      context: context, alias: alias, target: target, stored: stored, deadline: deadline)
    let trust = ExecTrust(
      files: context.files, session: stored.session, directory: stored.directory,
      acceptsNew: acceptsNew)
    let login = ExecLogin(context: context, session: stored.session)
    let ssh = try reach(stored.session, stored.record.addresses, try trust.make(), inquest)
    do throws(Failure) {
      if stored.session.usesSessionKey {
        let store = try SessionStore(path: context.files.stateDirectory)
        try login.withSessionKey(ssh, try store.key(of: stored))
      } else {
        try login.withUsersKeys(ssh)
      }
    } catch {
      if error.kind == .denied { try inquest.ask() }
      throw error
    }
    context.trace("logged in")
    return ssh
  }

  /// Opens a session that is stored nowhere.
  func openUnstored() throws(Failure) -> NewSession {
    let broker = Broker(
      target: target, provider: LazyProvider(try providers(), target),
      configurationFile: context.files.configurationFile, deadline: seconds, caller: caller)
    return try broker.open(target.keyTypeForLibSSH2)
  }

  /// Enters with a session that is stored nowhere.
  func enter(_ new: borrowing NewSession) throws(Failure) -> SSHSession {
    let trust = ExecTrust(
      files: context.files, session: new.session, directory: nil, acceptsNew: acceptsNew)
    let ssh = try reach(new.session, new.addresses, try trust.make(), nil)
    let login = ExecLogin(context: context, session: new.session)
    if new.session.usesSessionKey {
      try login.withSessionKey(ssh, new.key)
    } else {
      try login.withUsersKeys(ssh)
    }
    return ssh
  }

  /// Ends such a session at the provider, whoever has gone meanwhile.
  func close(_ new: borrowing NewSession) throws(Failure) {
    guard new.session.id != nil else { return }
    try providers().provider(for: target).close(new.session, until: Moment.now + 20_000)
  }

  private func providers() throws(Failure) -> ProviderFactory {
    context.providers(try context.configuration())
  }
}
