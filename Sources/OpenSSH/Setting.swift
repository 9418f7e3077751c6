public import SystemIO

/// One line of a generated block: a keyword of ssh_config(5) and its value, not yet quoted.
public struct Setting: Hashable, Sendable {
  /// The only keywords that a generated block may contain, so that a provider's answer cannot make ssh
  /// do anything else.
  public enum Keyword: String, CaseIterable, Sendable {
    case hostName = "HostName"
    case port = "Port"
    case user = "User"
    case hostKeyAlias = "HostKeyAlias"
    case identityFile = "IdentityFile"
    case certificateFile = "CertificateFile"
    case identitiesOnly = "IdentitiesOnly"
    case addKeysToAgent = "AddKeysToAgent"
    case preferredAuthentications = "PreferredAuthentications"
    case pubkeyAuthentication = "PubkeyAuthentication"
    case hostKeyAlgorithms = "HostKeyAlgorithms"
    case caSignatureAlgorithms = "CASignatureAlgorithms"
    /// PubkeyAcceptedAlgorithms by its name up to OpenSSH 8.4, which every later version knows, too.
    case pubkeyAcceptedKeyTypes = "PubkeyAcceptedKeyTypes"
    case ciphers = "Ciphers"
    case userKnownHostsFile = "UserKnownHostsFile"
    case globalKnownHostsFile = "GlobalKnownHostsFile"
    case strictHostKeyChecking = "StrictHostKeyChecking"
    case verifyHostKeyDNS = "VerifyHostKeyDNS"
    case updateHostKeys = "UpdateHostKeys"
    case proxyCommand = "ProxyCommand"
    case proxyJump = "ProxyJump"
    case proxyUseFdpass = "ProxyUseFdpass"
    case connectTimeout = "ConnectTimeout"
    case serverAliveInterval = "ServerAliveInterval"
    case serverAliveCountMax = "ServerAliveCountMax"
    case controlMaster = "ControlMaster"
    case controlPersist = "ControlPersist"
    case controlPath = "ControlPath"
  }

  /// What is set.
  public let keyword: Keyword
  /// The plain value: a path without quotes and with single `%`.
  public let value: String

  /// What ssh replaces by the login name.
  static let login = "-%r"

  /// AES-GCM before ssh's other ciphers (`^`: OpenSSH 8.0 and later): the cheapest where the processor has
  /// instructions for it.
  public static let fastCipher = "^aes128-gcm@openssh.com"

  /// What ControlPath says where no connection may be shared.
  public static let unshared = "none"

  /// The value is checked when it is written.
  public init(_ keyword: Keyword, _ value: String) {
    self.keyword = keyword
    self.value = value
  }

  /// What PreferredAuthentications says where the login is a secret that needs no key.
  public static let secretLoginMethod = "none"

  /// The setting as two words of ssh's command line: `-o`, `Keyword=value`. ssh parses the second like a
  /// line of its configuration, so it is quoted in the same way.
  /// - Throws: `.invalidResponse` for an invalid value, `.configuration` for a path that cannot be written.
  public func arguments() throws(Failure) -> [String] {
    ["-o", "\(keyword.rawValue)=\(try written())"]
  }

  /// The setting as a line of ssh's configuration, without indentation and line end.
  /// - Throws: `.invalidResponse` for an invalid value, `.configuration` for a path that cannot be written.
  public func line() throws(Failure) -> String { "\(keyword.rawValue) \(try written())" }

  /// - Throws: `.configuration` for a path that cannot be written so that every ssh reads it.
  static func path(
    _ path: String, for keyword: String, end: String = ""
  ) throws(Failure) -> String {
    guard let rule = ConfigPath.broken(by: path) else { return ConfigPath.word(path, end: end) }
    throw Failure(
      .configuration, step: "write ssh's configuration",
      "the path \(path.sanitized()) for \(keyword) \(rule)",
      hint: "set XDG_STATE_HOME to a directory without it, and run `sshproxy setup` again")
  }

  /// The setting of a line that `ClientConfiguration.render` wrote; `nil` for any other.
  init?(line: Substring.UTF8View) {
    guard line.starts(with: "  ".utf8) else { return nil }
    let words = line.dropFirst(2)
    guard let space = words.firstIndex(where: { $0 == " " }),
      let keyword = Keyword(rawValue: String(Substring(words[..<space]))),
      // To a `String` the Kelvin sign is a K.
      words[..<space].elementsEqual(keyword.rawValue.utf8),
      let value = keyword.read(String(Substring(words[words.index(after: space)...])))
    else { return nil }
    self.init(keyword, value)
  }

  /// The value as it is written to the file.
  func written() throws(Failure) -> String {
    switch keyword.form {
    case .path: return try Self.path(value, for: keyword.rawValue)
    case .pathOfLogin where value == Self.unshared: return value
    case .pathOfLogin: return try Self.path(value, for: keyword.rawValue, end: Self.login)
    case .word(let isValid):
      guard isValid(value) else {
        throw Failure(
          .invalidResponse, step: "write ssh's configuration",
          "\(keyword.rawValue) cannot be \(value.isEmpty ? "empty" : value.sanitized(limit: 80))")
      }
      return value
    }
  }
}

extension Setting.Keyword {
  enum Form {
    case path
    /// A path of which there is one for each login name, which ssh appends to it behind a dash; or `none`.
    case pathOfLogin
    /// A value that needs no quotes, and its check.
    case word((String) -> Bool)
  }

  var form: Form {
    switch self {
    case .hostName: .word(Grammar.isHost)
    case .port: .word { Grammar.port($0) != nil }
    case .user: .word(Grammar.isLogin)
    case .hostKeyAlias: .word(Self.isHostKeyAlias)
    case .identityFile, .certificateFile, .userKnownHostsFile, .globalKnownHostsFile: .path
    case .identitiesOnly, .addKeysToAgent, .verifyHostKeyDNS, .updateHostKeys, .proxyUseFdpass,
      .pubkeyAuthentication:
      .word { $0 == "yes" || $0 == "no" }
    // Never `no`, and never `ask`: the first switches checking off, the second is ssh's default.
    case .strictHostKeyChecking: .word { $0 == "yes" || $0 == "accept-new" }
    case .preferredAuthentications: .word(Self.isMethodList)
    case .hostKeyAlgorithms, .caSignatureAlgorithms, .pubkeyAcceptedKeyTypes:
      .word(SignatureAlgorithms.isList)
    case .ciphers: .word { $0 == Setting.fastCipher }
    // Nothing else than our own program.
    case .proxyCommand: .word(ProgramCall.isBound)
    case .proxyJump: .word(Self.isJump)
    case .connectTimeout, .serverAliveInterval, .serverAliveCountMax: .word(Self.isCount)
    case .controlMaster: .word { $0 == "auto" || $0 == "no" }
    // To ssh, 0 is for ever.
    case .controlPersist: .word { Self.isCount($0) && $0 != "0" }
    case .controlPath: .pathOfLogin
    }
  }

  /// The plain value of what `Setting.written` wrote; `nil` for any other text.
  func read(_ text: String) -> String? {
    switch form {
    case .path: ConfigPath.read(text)
    case .pathOfLogin where text == Setting.unshared: text
    case .pathOfLogin: ConfigPath.read(text, end: Setting.login)
    case .word(let isValid): isValid(text) ? text : nil
    }
  }

  /// The name under which known hosts are looked up: `host`, `[host]:port`, or an alias.
  private static func isHostKeyAlias(_ text: String) -> Bool {
    HostAndPort(knownHostsName: text) != nil || Alias.broken(by: text) == nil
  }

  /// Only as `JumpHost.text` has it: of URLs, ssh 8.4 refuses those that end in a slash, and every ssh
  /// those with a second `@`.
  private static func isJump(_ text: String) -> Bool {
    text == "none"
      || JumpHost.list(text).map { $0.map(\.text).joined(separator: ",") == text } == true
  }

  private static func isMethodList(_ text: String) -> Bool {
    text.utf8.count <= 256
      && text.utf8.parts(by: ",").allSatisfy { method in
        !method.isEmpty && method.allSatisfy { $0.isAlphanumeric || $0 == "-" }
      }
  }

  /// A whole number that fits ssh's `int`.
  static func isCount(_ text: String) -> Bool {
    (1...10).contains(text.utf8.count) && text.utf8.allSatisfy { $0.isDigit }
      && Int32(text) != nil && (text == "0" || text.utf8.first.map { $0 != "0" } ?? false)
  }
}
