public import Configuration
import Dialing
import OpenSSH
public import SSHClient
import SessionRecord
public import Sessions
public import SystemIO

/// Connects to a session's endpoint with libssh2: dials, verifies the host, logs in. It keeps the command
/// that a connection goes through, so it has to live for as long as the connection.
public final class SSHConnector {
  /// What the connector goes by.
  public struct Parameters {
    /// What the alias stands for, and how it is reached.
    public let target: Target
    /// Where an answer of the provider may lead.
    public let rule: EndpointRule
    /// How long connecting may take, in seconds.
    public let seconds: Int
    /// The home directory, with the user's known hosts and keys.
    public let home: String
    /// The socket of the user's agent; `nil` without one.
    public let agent: String?

    /// - Parameters: see the properties.
    public init(
      target: Target, rule: EndpointRule, seconds: Int, home: String, agent: String?
    ) {
      self.target = target
      self.rule = rule
      self.seconds = seconds
      self.home = home
      self.agent = agent
    }
  }

  /// Asks the provider what has become of the stored session of that name, until that moment.
  /// - Returns: the session as it is stored by now; `nil` when nothing was learnt.
  /// - Throws: `.temporary` when the session is gone at the provider.
  public typealias Question = (_ name: String, _ limit: Moment) throws(Failure) -> StoredSession?

  private let parameters: Parameters
  private let acceptsNew: Bool
  private let caller: HangUpMonitor
  private let trace: (String) -> Void
  private let deadline: Moment
  private var dialer: Dialer?
  /// The login that the user gave, where it is the user's to give.
  public var login: String?

  /// The deadline begins here.
  /// - Parameters:
  ///   - acceptsNew: whether the key of an unknown host is recorded among the user's.
  ///   - trace: told each step.
  public init(
    _ parameters: Parameters, acceptsNew: Bool = false, caller: HangUpMonitor,
    trace: @escaping (String) -> Void
  ) {
    self.parameters = parameters
    self.acceptsNew = acceptsNew
    self.caller = caller
    self.trace = trace
    deadline = Moment.now + Int.milliseconds(seconds: parameters.seconds)
  }

  /// Connects and logs in to a stored session.
  /// - Parameter ask: called at most once, for a session that is silent or refuses its key.
  /// - Throws: `.temporary` at the deadline, `.rejected` for a session behind a ProxyJump, `.denied` for a
  ///   login that is refused, and what `SSHSession.init`, `ask` and the store throw.
  public func connect(
    to stored: StoredSession, in store: SessionStore, ask: @escaping Question
  ) throws(Failure) -> SSHSession {
    let probe = ProviderProbe(stored, deadline: deadline, trace: trace, ask: ask)
    let persistence = HostVerification.Persistence(
      alias: parameters.target.alias, directory: { probe.directory }, store: store,
      deadline: deadline, caller: caller)
    let ssh = try handshake(
      stored.session, stored.record.addresses, try proof(stored.session, persistence), probe)
    do throws(Failure) {
      try logIn(ssh, stored.session) { (use) throws(Failure) in try use(try store.key(of: stored)) }
    } catch {
      if error.kind == .denied { try probe.ask() }
      throw error
    }
    return ssh
  }

  /// Connects and logs in to a session that was not stored.
  /// - Throws: as for a stored one.
  public func connect(to new: borrowing NewSession) throws(Failure) -> SSHSession {
    let ssh = try handshake(new.session, new.addresses, try proof(new.session, nil), nil)
    try logIn(ssh, new.session) { (use) throws(Failure) in try use(new.key) }
    return ssh
  }

  private func proof(
    _ session: Session, _ persistence: HostVerification.Persistence?
  ) throws(Failure) -> HostProof {
    try HostVerification(
      home: parameters.home, session: session, persistence: persistence,
      acceptsNew: acceptsNew
    ).proof()
  }

  /// Logs in with what the session calls for.
  /// - Parameter withKey: hands over the session's own key, where it has one.
  private func logIn(
    _ ssh: borrowing SSHSession, _ session: Session,
    withKey: ((borrowing KeyPair) throws(Failure) -> Void) throws(Failure) -> Void
  ) throws(Failure) {
    switch session.login {
    case .sessionKey(let login, let certificate):
      try withKey { (key) throws(Failure) in
        try ssh.logIn(as: login, key: key, certificate: certificate?.line)
      }
    case .users(let named, let identityFile):
      let usual = ["id_ed25519", "id_ecdsa", "id_rsa"].map { "\(parameters.home)/.ssh/\($0)" }
      let name: String
      if let given = login ?? named { name = given } else { name = try Self.userName() }
      try ssh.logIn(
        as: name, identityFiles: identityFile.map { [$0] } ?? usual,
        identitiesOnly: session.options.contains(Setting(.identitiesOnly, "yes")),
        agent: parameters.agent)
    case .secret(let login): try ssh.logInWithoutKey(as: login.reveal())
    }
    trace("logged in")
  }

  private static func userName() throws(Failure) -> String {
    guard let name = User.name else {
      throw Failure(
        .configuration, "neither the provider nor this computer knows a login name",
        hint: "the password file has no entry for this user")
    }
    return name
  }

  /// Dials until a server has proved its identity. One that refuses, hangs up or stays silent
  /// before that is dialled again until the deadline: it may still be starting, or be busy with
  /// too many logins at once.
  /// - Parameters:
  ///   - stored: the addresses that were stored with the session; if none, the name is looked up.
  ///   - probe: has the provider asked once what has become of the session; `nil` for one that is not
  ///     stored.
  private func handshake(
    _ session: Session, _ stored: [SocketAddress], _ proof: HostProof, _ probe: ProviderProbe?
  ) throws(Failure) -> SSHSession {
    guard session.jump == nil else {
      throw Failure(
        .rejected, "the provider names hosts to go through (ProxyJump), which only OpenSSH can do",
        hint: "`sshproxy ssh ALIAS COMMAND` runs it through OpenSSH")
    }
    let alias = parameters.target.alias
    let through = parameters.target.through
    let addresses: [SocketAddress]
    // A command looks the name up by itself.
    if stored.isEmpty, through == nil || through?.proxy != nil {
      addresses = try parameters.rule.addresses(
        of: session, through: through, until: deadline, caller: caller)
    } else {
      // Those behind something are the proxy's.
      if through == nil { try parameters.rule.check(stored, of: session.endpoint.host) }
      addresses = stored
    }
    let destination = DialDestination(
      addresses, through: through?.applied(to: session.endpoint), preamble: session.preamble,
      // libssh2 speaks at once, which saves a round trip: and an endpoint may wait for that.
      hasAnswered: true, for: alias.name)
    let name = session.endpoint.words
    let dialer = Dialer(
      destination,
      .init(
        endpoint: name, alias: alias.spelling, seconds: parameters.seconds, isDirect: through == nil
      ),
      until: deadline, probe: probe, caller: caller, trace: trace)
    self.dialer = dialer
    probe?.destination = destination
    return try dialer.connect { (socket, limit) throws(Failure) -> SSHSession in
      try verify(socket, destination, name, proof, until: limit)
    }
  }

  private func verify(
    _ socket: consuming Descriptor, _ destination: DialDestination, _ name: String,
    _ proof: HostProof,
    until limit: Moment
  ) throws(Failure) -> SSHSession {
    let relay = destination.through == nil ? nil : try ScanRelay(destination, until: deadline)
    defer { withExtendedLifetime(relay) {} }
    guard let peer = relay?.address ?? SocketAddress(peerOf: socket) ?? destination.addresses.first
    else {
      throw Failure(.internalError, "\(name) has no address")
    }
    return try SSHSession(
      over: socket, peer: peer, proof: proof, until: deadline, handshake: limit, caller: caller)
  }
}
