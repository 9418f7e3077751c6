import OpenSSH
import Providers
import SSHClient
import SessionRecord
import Sessions
import SystemIO

/// Connects to a session's endpoint with libssh2: dials, verifies the host, logs in.
struct SSHConnector {
  let plan: Plan
  let caller: HangUpMonitor
  let helper = ConnectionHelper()
  private let acceptsNew: Bool
  let deadline: Moment
  /// The login that the user gave, where it is the user's to give.
  var login: String?

  /// - Parameter acceptsNew: whether the key of an unknown host is recorded among the user's.
  init(_ plan: Plan, caller: HangUpMonitor, acceptsNew: Bool = false) {
    self.plan = plan
    self.caller = caller
    self.acceptsNew = acceptsNew
    deadline =
      Moment.now + Int.milliseconds(seconds: plan.configuration.connection.deadline)
  }

  var context: Context { plan.context }
  var alias: Alias { plan.alias }
  var target: Target { plan.target }
  /// The configured deadline, in seconds.
  var seconds: Int { plan.configuration.connection.deadline }

  /// The alias's session, stored or new, with a kind of key that libssh2 can use.
  func prepare() throws(Failure) -> StoredSession {
    try plan.prepare(keyType: target.keyTypeForLibSSH2)
  }

  /// Connects and logs in to a stored session. From then on this process's memory is bounded.
  func connect(to stored: StoredSession) throws(Failure) -> SSHSession {
    let silence = Silence(stored, plan, deadline: deadline)
    let store = try plan.store()
    let verification = HostVerification(
      files: context.files, session: stored.session,
      place: .init(
        alias: alias, directory: { silence.directory }, store: store, deadline: deadline,
        caller: caller),
      acceptsNew: acceptsNew)
    let authentication = Authentication(context: context, session: stored.session)
    let ssh = try handshake(
      stored.session, stored.record.addresses, try verification.trust(), silence)
    do throws(Failure) {
      if stored.session.usesSessionKey {
        try authentication.withSessionKey(ssh, try store.key(of: stored))
      } else {
        try authentication.withoutSessionKey(ssh, as: login)
      }
    } catch {
      if error.kind == .denied { try silence.ask() }
      throw error
    }
    context.trace("logged in")
    MemoryLimit.set()
    return ssh
  }

  /// Opens a session at the provider without storing it.
  func openUnstored() throws(Failure) -> NewSession {
    try plan.manager(caller: caller).open(target.keyTypeForLibSSH2)
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
    try plan.providers.provider(for: target).close(new.session, until: Moment.now + 20_000)
  }

  /// Leaves this process what `close` takes: the provider, with the key that opened the session. A
  /// provider that is a program of the user's own has to be run for it, with all that it may do.
  func confineToClosing() {
    switch target.provider {
    case .static: Confinement.toStreaming()
    case .command: break
    default: plan.providers.confine()
    }
  }
}
