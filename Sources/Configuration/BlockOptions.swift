public import OpenSSH
internal import SystemIO

/// What `[connection]` says about the block that ssh reads for a session.
public struct BlockOptions: Sendable, Equatable {
  /// Seconds without a byte after which ssh asks the server for a sign of life; 0 leaves it to the user's
  /// own settings. After four questions without an answer, ssh ends.
  public private(set) var keepalive = 15
  /// The kind of the key that a session has of its own for ssh.
  public private(set) var key = KeyType.ed25519

  /// Whether ssh's own ciphers are left as they are, wherever another one would be faster.
  public private(set) var leavesCiphers = false

  /// For how many seconds after its last login ssh keeps a connection that others may share; `nil` where
  /// none is shared.
  public private(set) var multiplex: Int?

  static let keys = ["keepalive", "key", "ciphers", "multiplex"]

  init() {}

  /// - Throws: `.configuration`, naming the line.
  init(_ section: TOMLSection) throws(Failure) {
    keepalive = try section.integer("keepalive", in: 0...3600) ?? keepalive
    if let text = try section.string("key") {
      guard let type = KeyType(rawValue: text) else {
        throw section.failure("key", "\"key\" is \"ed25519\" or \"ecdsa-p256\"")
      }
      key = type
    }
    switch try section.string("ciphers") {
    case nil, "fast": leavesCiphers = false
    case "ssh": leavesCiphers = true
    default: throw section.failure("ciphers", "\"ciphers\" is \"fast\" or \"ssh\"")
    }
    if let text = try section.string("multiplex"), text != "off" {
      guard let seconds = Self.seconds(text), (1...86_400).contains(seconds) else {
        throw section.failure(
          "multiplex", "\"multiplex\" is \"off\", or a time like \"10m\", up to \"24h\"")
      }
      multiplex = seconds
    }
  }

  /// The seconds of a time like `30s`, `10m` or `2h`.
  private static func seconds(_ text: String) -> Int? {
    guard let unit = text.last, let factor = ["s": 1, "m": 60, "h": 3600][unit],
      let count = Grammar.port(text.dropLast())
    else { return nil }
    return count.saturatingMultiplied(by: factor)
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

  /// The settings that count on the route `jump`, too, where ssh logs in as it would without us.
  /// - Parameter directory: the absolute path of the session's directory.
  public func connectionSettings(directory: String) -> [Setting] {
    let kept: [Setting.Keyword] = [
      .serverAliveInterval, .serverAliveCountMax, .ciphers, .controlMaster, .controlPersist,
      .controlPath,
    ]
    return placed(directory, login: nil).filter { kept.contains($0.keyword) }
  }
}
