public import Configuration
public import Grammar
public import OpenSSH
package import SystemIO

/// What a provider answered for a target: where to connect, how to log in, how to verify the host.
///
/// Providers check every value before they make a session of it (`Validator`, `SentCommand`); nothing
/// unchecked is stored, shown or passed to ssh.
///
/// As it is, it is stored: its parts are read again by the same parsers that checked the answer.
public struct Session: Sendable, Equatable, Codable {
  /// Who logs in, and with what.
  public enum Login: Sendable, Equatable, Codable {
    /// The provider's login name, with the session's own key, which the provider has certified or
    /// registered.
    case sessionKey(login: String, certificate: Certificate?)
    /// The user's own key. `login` and `identityFile` are set if the provider names them.
    case users(login: String?, identityFile: String?)
    /// A login name that is a secret, and lets in without a key (the method `none`, RFC 4252, section
    /// 5.2). Only the session's own files may have it: no output, no list of arguments, no log.
    case secret(SecretLogin)
  }

  /// How the host proves its identity.
  public enum HostTrust: Sendable, Equatable, Codable {
    /// Only by a certificate of this authority.
    case authority(PublicKey)
    /// By one of these keys, which the provider names.
    case hostKeys([PublicKey])
    /// The provider names no key: the one seen first is pinned for the session's life.
    case trustOnFirstUse
    /// By the user's own known hosts and settings.
    case users
  }

  /// The provider's id of the session, if it has one.
  public var id: String?
  /// The id of its machine, where the alias has the machine's name instead.
  public var machine: String?
  /// The SSH server that the provider named.
  public var endpoint: HostAndPort
  /// Who logs in, and with what.
  public var login: Login
  /// How the server proves that it is the machine.
  public var hostTrust: HostTrust
  /// Sent before ssh's first byte.
  public var preamble: [UInt8]
  /// The hosts to go through, the first one first; at least one.
  public var jump: [JumpHost]?
  /// Further settings for ssh: time-outs and keepalive that the provider names; once a session is opened,
  /// also those of `[connection]`, and the algorithms that its login needs.
  public var options: [Setting]
  /// When the session ends; Unix seconds.
  public var expires: Int64
  /// How long one counts whose provider names no end, in seconds.
  package static let usualLife: Int64 = 15 * 60
  /// What later calls to the provider about this session need: tokens, addresses. Secret; stored where
  /// only `sshproxy-session` reads it.
  public var providerState: [String: String]

  /// With nothing checked: providers check every value before. `expires` is in Unix seconds.
  public init(
    id: String?, endpoint: HostAndPort, login: Login, hostTrust: HostTrust,
    preamble: [UInt8] = [], jump: [JumpHost]? = nil, options: [Setting] = [], expires: Int64,
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

  /// The hosts to go through as ProxyJump has them (ssh_config(5)).
  public var jumpText: String? { jump?.map(\.text).joined(separator: ",") }

  /// Whether the login is by the session's own key.
  var usesSessionKey: Bool {
    if case .sessionKey = login { true } else { false }
  }

  /// Whether the login is the session's: then no other gets in.
  public var bringsLogin: Bool {
    if case .users = login { false } else { true }
  }

  /// The login, where it is a secret.
  public var secretLogin: SecretLogin? {
    if case .secret(let login) = login { login } else { nil }
  }

  /// Whether the login is a secret.
  public var hasSecretLogin: Bool { secretLogin != nil }
}

/// A login name that is a secret. It is shown as `***`, whoever prints it.
public struct SecretLogin: Sendable, Equatable, CustomStringConvertible {
  private let name: String

  /// - Parameter name: by the grammar of logins.
  public init(_ name: String) { self.name = name }

  /// The name itself, for a session's own files and for the server.
  public func reveal() -> String { name }

  public var description: String { "***" }
}

extension SecretLogin: CustomReflectable {
  public var customMirror: Mirror { Mirror(self, children: []) }
}

extension Session {
  /// How long ending a session may take that is of no use, in milliseconds: somebody waits to hear why.
  public static let closingTimeout = 1000

  /// The same, for a session that is of no use because of `error`: where nobody waits any more, the program is to
  /// end within a second.
  package static func closingTimeout(after error: Failure) -> Int {
    error.kind == .cancelled ? closingTimeout / 2 : closingTimeout
  }

  /// Whether the provider can tell that the session lets nobody in any more. Sessions that begin with a
  /// preamble, a fixed host and a program of the user's cannot be asked about.
  public func isAskable(at provider: ProviderKind) -> Bool {
    preamble.isEmpty && provider.isVendor
  }
}

extension Session {
  /// The session's files that ssh reads, in its directory.
  public enum FileName {
    /// The session's own private key, as OpenSSH writes them.
    public static let key = "key"
    /// The certificate of that key.
    public static let certificate = "certificate"
    /// The keys, or the authority, by which its host proves itself.
    public static let knownHosts = "known_hosts"
    /// Where ssh has to be told a file instead of settings, because one of them is a secret.
    public static let wholeConfiguration = "whole_ssh_config"
  }

  /// The settings with which ssh logs in to this session, for the generated block or as `-o` options.
  /// - Parameters:
  ///   - alias: in lower case.
  ///   - directory: the absolute path of the session's directory.
  public func settings(for alias: String, directory: String) -> [Setting] {
    switch login {
    case .sessionKey(let login, let certificate):
      return sessionKeySettings(login, hasCertificate: certificate != nil, directory)
    case .users(let login, let identityFile):
      return userSettings(login, identityFile, alias, directory)
    case .secret(let login): return secretSettings(login, directory)
    }
  }

  private func sessionKeySettings(
    _ login: String, hasCertificate: Bool, _ directory: String
  ) -> [Setting] {
    var result = [
      Setting(.user, login),
      Setting(.hostKeyAlias, knownHostsName),
      Setting(.identityFile, "\(directory)/\(FileName.key)"),
    ]
    if hasCertificate {
      result.append(Setting(.certificateFile, "\(directory)/\(FileName.certificate)"))
    }
    result += [
      Setting(.userKnownHostsFile, "\(directory)/\(FileName.knownHosts)"),
      Setting(.identitiesOnly, "yes"),
      Setting(.addKeysToAgent, "no"),
      Setting(.preferredAuthentications, "publickey"),
    ]
    return result + hostSettings + furtherSettings(directory, login: login)
  }

  /// Besides the file of its known hosts, for a session that does not leave its host to the user.
  private var hostSettings: [Setting] {
    [
      Setting(.globalKnownHostsFile, "/dev/null"),
      Setting(.strictHostKeyChecking, hostTrust == .trustOnFirstUse ? "accept-new" : "yes"),
      Setting(.verifyHostKeyDNS, "no"),
      Setting(.updateHostKeys, "no"),
    ]
  }

  /// ssh asks for `none` first, whatever it may do besides. With nothing besides, a token that counts no
  /// more is the end, and no key of the user's, and no agent, is shown to the server. Its connections are
  /// not shared, whatever lines of the user's own say: a ControlPath with `%r` would have the secret in the
  /// name of a file and in the title of ssh's master, which everybody can read.
  private func secretSettings(_ login: SecretLogin, _ directory: String) -> [Setting] {
    var result = [Setting(.user, login.reveal()), Setting(.hostKeyAlias, knownHostsName)]
    if hostTrust != .users {
      result.append(Setting(.userKnownHostsFile, "\(directory)/\(FileName.knownHosts)"))
    }
    result += [
      Setting(.identitiesOnly, "yes"),
      Setting(.addKeysToAgent, "no"),
      Setting(.preferredAuthentications, Setting.secretLoginMethod),
      Setting(.pubkeyAuthentication, "no"),
      Setting(.controlMaster, "no"),
    ]
    let unshared = options.filter { $0.keyword != .controlMaster && $0.keyword != .controlPersist }
    return result + (hostTrust == .users ? [] : hostSettings) + unshared
      + [Setting(.controlPath, Setting.unshared)]
  }

  private func userSettings(
    _ login: String?, _ identityFile: String?, _ alias: String, _ directory: String
  ) -> [Setting] {
    var result: [Setting] = []
    if let login { result.append(Setting(.user, login)) }
    if let identityFile { result.append(Setting(.identityFile, identityFile)) }
    result += furtherSettings(directory, login: nil)
    guard jump != nil else { return result + [Setting(.hostKeyAlias, knownHostsName)] }
    // The way is `connect`'s, by another ssh, so there is no socket to pass. With ProxyJump there would
    // have to be a HostName: `Match host`, ControlPath's %h and known hosts would take the machine for
    // whatever host of the user's the answer names.
    return result + [
      Setting(.hostKeyAlias, nameBehindJump(alias)), Setting(.proxyUseFdpass, "no"),
    ]
  }

  /// The name for the key of a host that is reached through another one of the provider's, which may lead
  /// to any machine: one that no other host has.
  private func nameBehindJump(_ alias: String) -> String {
    let host = endpoint.host.replacing(":", with: "-")
    let name = "\(alias)_\(host)_\(endpoint.port)"
    return Grammar.isAlias(name) ? name : alias
  }

  /// The name under which the host's key is looked up, as ssh itself would: `host`, or
  /// `[host]:port` for another port than 22. A certificate names its host without a port.
  public var knownHostsName: String {
    if case .authority = hostTrust { return endpoint.host }
    return endpoint.knownHostsName
  }

  /// The text of the session's own known_hosts file; `nil` when the user's own files are used.
  var knownHostsText: String? {
    switch hostTrust {
    case .authority(let key): "@cert-authority \(knownHostsName) \(key.line)\n"
    case .hostKeys(let keys): keys.map { "\(knownHostsName) \($0.line)\n" }.joined()
    case .trustOnFirstUse: ""
    case .users: nil
    }
  }
}

extension Session {
  /// The settings that its login needs whatever the user's own settings are, and the configured ones.
  /// What the provider has named stays as it is.
  /// - Parameters:
  ///   - keyType: of the session's own key.
  ///   - hasFastCipher: see `SessionStore.hasFastCipher`.
  func settings(_ options: BlockOptions, keyType: KeyType, hasFastCipher: Bool) -> [Setting] {
    var result = bringsLogin ? algorithms(keyType) : []
    let isKeptAlive = self.options.contains {
      $0.keyword == .serverAliveInterval || $0.keyword == .serverAliveCountMax
    }
    if options.keepalive > 0, !isKeptAlive {
      result += [
        Setting(.serverAliveInterval, String(options.keepalive)),
        Setting(.serverAliveCountMax, "4"),
      ]
    }
    if hasFastCipher, !options.leavesCiphers {
      result.append(Setting(.ciphers, Setting.fastCipher))
    }
    if let seconds = options.multiplex {
      result += [Setting(.controlMaster, "auto"), Setting(.controlPersist, String(seconds))]
    }
    return result
  }

  /// ssh takes the first value of a setting, and appends `+` to its own default: so each list is whole.
  private func algorithms(_ keyType: KeyType) -> [Setting] {
    var authorities: [PublicKey] = []
    var certificate: Certificate?
    if case .sessionKey(_, .some(let own)) = login {
      certificate = own
      authorities.append(own.authority)
    }
    var result = usesSessionKey ? [Setting(.pubkeyAuthentication, "yes")] : []
    if case .authority(let key) = hostTrust {
      authorities.append(key)
      result.append(Setting(.hostKeyAlgorithms, SignatureAlgorithms.hostCertificates))
    }
    var signatures: [String] = []
    for name in authorities.flatMap(SignatureAlgorithms.of) where !signatures.contains(name) {
      signatures.append(name)
    }
    if !signatures.isEmpty {
      result.append(Setting(.caSignatureAlgorithms, signatures.joined(separator: ",")))
    }
    guard usesSessionKey else { return result }
    let own = SignatureAlgorithms.of(keyType, certificate: certificate)
    return result + [Setting(.pubkeyAcceptedKeyTypes, own)]
  }

  /// What ssh is told of the session for a target: all of its settings; on the route `jump`, where ssh logs
  /// in to another server as it would without us, those of the connection.
  /// - Parameter directory: the absolute path of the session's directory.
  public func settings(for target: Target, directory: String) -> [Setting] {
    target.route == .direct
      ? settings(for: target.alias.name, directory: directory)
      : connectionSettings(directory: directory)
  }

  /// Whether `connect` itself dials the server that ssh logs in to: neither the route `jump` nor a jump host
  /// of the provider's is in between.
  public func isDialled(for target: Target) -> Bool { target.route == .direct && jump == nil }

  /// How far an ssh may be led that goes by these settings.
  public func reach(for target: Target) -> ProgramCall.Reach {
    isDialled(for: target) ? .endpoint(endpoint) : .behind(endpoint)
  }

  /// The settings that count on the route `jump`, too, where ssh logs in as it would without us.
  /// - Parameter directory: the absolute path of the session's directory.
  private func connectionSettings(directory: String) -> [Setting] {
    let kept: [Setting.Keyword] = [
      .serverAliveInterval, .serverAliveCountMax, .ciphers, .controlMaster, .controlPersist,
      .controlPath,
    ]
    return furtherSettings(directory, login: nil).filter { kept.contains($0.keyword) }
  }
}
