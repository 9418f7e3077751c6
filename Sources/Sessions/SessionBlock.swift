public import OpenSSH

extension Session {
  /// The session's files that ssh reads, in its directory.
  public enum FileName {
    public static let key = "key"
    public static let certificate = "certificate"
    public static let knownHosts = "known_hosts"
  }

  /// The settings with which ssh logs in to this session, for the generated block or as `-o` options.
  /// - Parameters:
  ///   - alias: in lower case.
  ///   - directory: the absolute path of the session's directory.
  public func settings(for alias: String, directory: String) -> [Setting] {
    switch login {
    case .sessionKey(let login, let certificate):
      return sessionKeySettings(login, hasCertificate: certificate != nil, directory)
    case .users(let login, let identityFile): return userSettings(login, identityFile, alias)
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

  private func userSettings(
    _ login: String?, _ identityFile: String?, _ alias: String
  ) -> [Setting] {
    var result: [Setting] = []
    if let login { result.append(Setting(.user, login)) }
    if let identityFile { result.append(Setting(.identityFile, identityFile)) }
    guard jump != nil else { return result + options + [Setting(.hostKeyAlias, knownHostsName)] }
    // The way is `connect`'s, by another ssh, so there is no socket to pass. With ProxyJump there would
    // have to be a HostName: `Match host`, ControlPath's %h and known hosts would take the machine for
    // whatever host of the user's the answer names.
    return result + options
      + [Setting(.hostKeyAlias, nameBehindJump(alias)), Setting(.proxyUseFdpass, "no")]
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
