public import OpenSSH

extension Session {
  /// The session's files that ssh reads, in its directory.
  public enum FileName {
    public static let key = "key"
    public static let certificate = "certificate"
    public static let knownHosts = "known_hosts"
    /// Where ssh has to be told a file instead of settings, because one of them is a secret.
    public static let wholeConfiguration = "whole_ssh_config"
  }

  /// The settings with which ssh logs in to this session, for the generated block or as `-o` options.
  /// - Parameter directory: the absolute path of the session's directory.
  public func settings(directory: String) -> [Setting] {
    switch login {
    case .sessionKey(let login, let certificate):
      return sessionKeySettings(login, hasCertificate: certificate != nil, directory)
    case .users(let login, let identityFile): return userSettings(login, identityFile)
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
    return result + hostSettings + options
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
  /// more is the end, and no key of the user's, and no agent, is shown to the server.
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
    ]
    return result + (hostTrust == .users ? [] : hostSettings) + options
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
    return KnownHosts.name(host: endpoint.host, port: Int(endpoint.port))
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
