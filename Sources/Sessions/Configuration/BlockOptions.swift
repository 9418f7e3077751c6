public import OpenSSH
internal import SystemIO

/// What `[connection]` says about the block that ssh reads for a session.
public struct BlockOptions: Sendable, Equatable {
  /// Seconds without a byte after which ssh asks the server for a sign of life; 0 leaves it to the user's
  /// own settings. After four questions without an answer, ssh ends.
  public private(set) var keepalive = 15
  /// The kind of the key that a session has of its own for ssh.
  public private(set) var key = KeyType.ed25519

  static let keys = ["keepalive", "key"]

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
  }
}

extension Session {
  /// The settings that its login needs whatever the user's own settings are, and the configured ones.
  /// What the provider has named stays as it is.
  /// - Parameter keyType: of the session's own key.
  func settings(_ options: BlockOptions, keyType: KeyType) throws(Failure) -> [Setting] {
    var result = try bringsLogin ? algorithms(keyType) : []
    let isKeptAlive = self.options.contains {
      $0.keyword == .serverAliveInterval || $0.keyword == .serverAliveCountMax
    }
    if options.keepalive > 0, !isKeptAlive {
      result += [
        Setting(.serverAliveInterval, String(options.keepalive)),
        Setting(.serverAliveCountMax, "4"),
      ]
    }
    return result
  }

  /// ssh takes the first value of a setting, and appends `+` to its own default: so each list is whole.
  private func algorithms(_ keyType: KeyType) throws(Failure) -> [Setting] {
    var authorities: [PublicKey] = []
    var certificate: Certificate?
    if case .sessionKey(_, .some(let line)) = login {
      let parsed = try Certificate(line: line)
      certificate = parsed
      authorities.append(parsed.authority)
    }
    var result = usesSessionKey ? [Setting(.pubkeyAuthentication, "yes")] : []
    if case .authority(let line) = hostTrust {
      authorities.append(try PublicKey(line: line))
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
  public var keepalive: [Setting] {
    options.filter { $0.keyword == .serverAliveInterval || $0.keyword == .serverAliveCountMax }
  }
}
