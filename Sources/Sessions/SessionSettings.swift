public import Configuration
import Grammar
public import OpenSSH

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

  /// Where alone an ssh may be led that goes by these settings.
  public func place(for target: Target) -> ProgramCall.Place {
    isDialled(for: target) ? .at(endpoint) : .behind(endpoint)
  }

  /// The settings that count on the route `jump`, too, where ssh logs in as it would without us.
  /// - Parameter directory: the absolute path of the session's directory.
  private func connectionSettings(directory: String) -> [Setting] {
    let kept: [Setting.Keyword] = [
      .serverAliveInterval, .serverAliveCountMax, .ciphers, .controlMaster, .controlPersist,
      .controlPath,
    ]
    return placed(directory, login: nil).filter { kept.contains($0.keyword) }
  }
}
