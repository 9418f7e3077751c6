internal import Grammar
public import OpenSSH

extension Session {
  /// The session's files that ssh reads, in its directory.
  public enum FileName {
    public static let key = "key"
    public static let certificate = "certificate"
    public static let knownHosts = "known_hosts"
  }

  /// The settings with which ssh logs in to this session, for the generated block or as `-o` options.
  /// - Parameter directory: the absolute path of the session's directory.
  public func settings(directory: String) -> [Setting] {
    switch login {
    case .sessionKey(let login, let certificate):
      return sessionKeySettings(login, hasCertificate: certificate != nil, directory)
    case .users(let login, let identityFile): return userSettings(login, identityFile)
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
      Setting(.globalKnownHostsFile, "/dev/null"),
      Setting(.strictHostKeyChecking, hostTrust == .trustOnFirstUse ? "accept-new" : "yes"),
      Setting(.verifyHostKeyDNS, "no"),
      Setting(.updateHostKeys, "no"),
    ]
    return result + options
  }

  private func userSettings(_ login: String?, _ identityFile: String?) -> [Setting] {
    var result: [Setting] = []
    if let login { result.append(Setting(.user, login)) }
    if let identityFile { result.append(Setting(.identityFile, identityFile)) }
    if let jump {
      // Then ssh connects by itself, so it needs the address.
      result += [
        Setting(.proxyJump, jump), Setting(.hostName, endpoint.host),
        Setting(.port, String(endpoint.port)),
      ]
    }
    return result + options + [Setting(.hostKeyAlias, knownHostsName)]
  }

  /// The name under which the host's key is looked up, as ssh itself would: `host`, or
  /// `[host]:port` for another port than 22. A certificate names its host without a port.
  public var knownHostsName: String {
    if case .authority = hostTrust { return endpoint.host }
    return endpoint.knownHostsName
  }

  /// The text of the session's own known_hosts file; `nil` when the user's own files are used.
  public var knownHostsText: String? {
    switch hostTrust {
    case .authority(let key): "@cert-authority \(knownHostsName) \(key)\n"
    case .hostKeys(let keys): keys.map { "\(knownHostsName) \($0)\n" }.joined()
    case .trustOnFirstUse: ""
    case .users: nil
    }
  }
}
