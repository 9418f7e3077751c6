public import OpenSSH

/// What a provider gave for a target: where to connect, who to be there, whom to believe.
///
/// Every value has passed `init`'s checks; nothing unchecked is stored, shown or handed to ssh.
public struct Session: Sendable, Equatable {
  /// Who logs in, and with what.
  public enum Login: Sendable, Equatable {
    /// The provider's login with the session's own key, certified or registered there.
    case sessionKey(login: String, certificate: String?)
    /// The user's own key. The login is the provider's where it names one.
    case users(login: String?, identityFile: String?)
  }

  /// How the host proves itself.
  public enum HostTrust: Sendable, Equatable {
    /// By a certificate of this authority, a public key line; nothing else counts.
    case authority(String)
    /// Nobody vouches for it: the key seen first counts for the session's life.
    case firstSight
    /// The user's own known hosts and policy.
    case users
  }

  /// The provider's name for the session, where it has one.
  public var id: String?
  public var endpoint: HostAndPort
  public var login: Login
  public var hostTrust: HostTrust
  /// Sent before ssh's first byte.
  public var preamble: [UInt8]
  /// The hosts to go through, as ProxyJump has them (ssh_config(5)).
  public var jump: String?
  /// Further settings of the provider's that ssh may have: time-outs and keepalive.
  public var options: [Setting]
  /// Unix seconds; after it the session is gone.
  public var expires: Int64
  /// What the provider wants back when it is asked about the session: tokens, addresses.
  /// Secret; kept where only `sshproxy-session` reads it.
  public var receipt: [String: String]

  public init(
    id: String?, endpoint: HostAndPort, login: Login, hostTrust: HostTrust,
    preamble: [UInt8] = [], jump: String? = nil, options: [Setting] = [], expires: Int64,
    receipt: [String: String] = [:]
  ) {
    self.id = id
    self.endpoint = endpoint
    self.login = login
    self.hostTrust = hostTrust
    self.preamble = preamble
    self.jump = jump
    self.options = options
    self.expires = expires
    self.receipt = receipt
  }

  /// The login name, where the provider says one.
  public var loginName: String? {
    switch login {
    case .sessionKey(let login, _): login
    case .users(let login, _): login
    }
  }

  public var usesSessionKey: Bool {
    if case .sessionKey = login { true } else { false }
  }
}
