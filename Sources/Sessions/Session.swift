public import OpenSSH

/// What a provider answered for a target: where to connect, how to log in, how to verify the host.
///
/// Providers check every value before they make a session of it (`Validator`, `SSHCommand`); nothing
/// unchecked is stored, shown or passed to ssh.
public struct Session: Sendable, Equatable {
  /// Who logs in, and with what.
  public enum Login: Sendable, Equatable {
    /// The provider's login name, with the session's own key, which the provider has certified or
    /// registered.
    case sessionKey(login: String, certificate: String?)
    /// The user's own key. `login` and `identityFile` are set if the provider names them.
    case users(login: String?, identityFile: String?)
    /// A login name that is a secret, and lets in without a key (the method `none`, RFC 4252, section
    /// 5.2). Only the session's own files may have it: no output, no list of arguments, no log.
    case secret(SecretLogin)
  }

  /// How the host proves its identity.
  public enum HostTrust: Sendable, Equatable {
    /// Only by a certificate of this authority, given as a public key line.
    case authority(String)
    /// By one of these keys, which the provider names, as public key lines.
    case hostKeys([String])
    /// The provider names no key: the one seen first is pinned for the session's life.
    case trustOnFirstUse
    /// By the user's own known hosts and settings.
    case users
  }

  /// The provider's id of the session, if it has one.
  public var id: String?
  public var endpoint: HostAndPort
  public var login: Login
  public var hostTrust: HostTrust
  /// Sent before ssh's first byte.
  public var preamble: [UInt8]
  /// The hosts to go through, as ProxyJump has them (ssh_config(5)).
  public var jump: String?
  /// Further settings for ssh: time-outs and keepalive that the provider names; once a session is opened,
  /// also those of `[connection]`, and the algorithms that its login needs.
  public var options: [Setting]
  /// When the session ends; Unix seconds.
  public var expires: Int64
  /// What later calls to the provider about this session need: tokens, addresses. Secret; stored where
  /// only `sshproxy-session` reads it.
  public var providerState: [String: String]

  public init(
    id: String?, endpoint: HostAndPort, login: Login, hostTrust: HostTrust,
    preamble: [UInt8] = [], jump: String? = nil, options: [Setting] = [], expires: Int64,
    providerState: [String: String] = [:]
  ) {
    self.id = id
    self.endpoint = endpoint
    self.login = login
    self.hostTrust = hostTrust
    self.preamble = preamble
    self.jump = jump
    self.options = options
    self.expires = expires
    self.providerState = providerState
  }

  /// The login name that may be shown, if the provider names one.
  public var loginName: String? {
    switch login {
    case .sessionKey(let login, _): login
    case .users(let login, _): login
    case .secret: nil
    }
  }

  public var usesSessionKey: Bool {
    if case .sessionKey = login { true } else { false }
  }

  /// Whether the login is the session's: then no other gets in.
  public var bringsLogin: Bool {
    if case .users = login { false } else { true }
  }

  /// Where the login is one.
  public var secretLogin: SecretLogin? {
    if case .secret(let login) = login { login } else { nil }
  }

  public var hasSecretLogin: Bool { secretLogin != nil }
}

/// A login name that is a secret. It is shown as `***`, whoever prints it.
public struct SecretLogin: Sendable, Equatable, CustomStringConvertible {
  private let name: String

  public init(_ name: String) { self.name = name }

  /// The name itself, for a session's own files and for the server.
  public func reveal() -> String { name }

  public var description: String { "***" }
}

extension SecretLogin: CustomReflectable {
  public var customMirror: Mirror { Mirror(self, children: []) }
}
