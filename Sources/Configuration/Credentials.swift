public import SystemIO

extension Configuration {
  /// Where the vendor's key comes from: the environment, else `credentials.toml`, else
  /// `config.toml`, else a file of the vendor's own client in the home directory. Settings of that client
  /// that the user has chosen by name come before all but the environment. Never a file in the current
  /// directory: `.env` of a cloned repository was not written by the user.
  /// - Throws: `.configuration` when the first of these that has a key cannot be used.
  public func keySource(of provider: ProviderKind) throws(Failure) -> KeySource {
    guard let vendor = account(of: provider) else { return .missing(hint: "it takes no key") }
    let sources = sources(of: vendor.kind)
    let chosen = try vendor.client?.chosen?(sources)
    for variable in vendor.keys {
      guard let text = environment[variable.name] else { continue }
      return .value(try APIKey(text, origin: variable.name, header: variable.header))
    }
    if let chosen, let text = chosen.apiKey {
      return .value(try APIKey(text, origin: chosen.origin, header: vendor.keyHeader))
    }
    if let key = try CredentialsFile.read(files, vendors).keys[vendor.kind] { return .value(key) }
    if let key = file.providers[vendor.kind]?.apiKey { return .value(key) }
    if let command = file.providers[vendor.kind]?.apiKeyCommand {
      return .command(command, origin: files.configurationFile.sanitized())
    }
    if let usual = try vendor.client?.usual(sources), let text = usual.apiKey {
      return .value(try APIKey(text, origin: usual.origin, header: vendor.keyHeader))
    }
    let other =
      vendor.keys.first.map { "set \($0.name)" }
      ?? "write api_key_command into [\(vendor.table.joined(separator: "."))]"
    return .missing(hint: "run `sshproxy login \(vendor.name)`, or \(other)")
  }

  /// Whether there is a key for a vendor. One that cannot be read is one, too: that is a failure to be told.
  public func hasKey(for provider: ProviderKind) -> Bool {
    if case .missing? = try? keySource(of: provider) { false } else { true }
  }

  /// The base URL of the vendor's API, without a slash at its end: from the environment, else from
  /// settings of its own client that the user has chosen by name, else `config.toml`, else the client's
  /// usual file, else the vendor's default. Chosen settings without an address have the default.
  /// - Throws: `.configuration` when it is neither `https://` nor `http://` to this computer.
  public func baseURL(of provider: ProviderKind) throws(Failure) -> String {
    guard let vendor = account(of: provider) else {
      throw Failure(.internalError, "\(provider.rawValue) has no API to be reached at")
    }
    let sources = sources(of: vendor.kind)
    let chosen = try vendor.client?.chosen?(sources)
    var origin = ""
    var text = vendor.baseURL
    if let (name, value) = vendor.baseURLVariables.lazy.compactMap({ name in
      environment[name].map { (name, $0) }
    }).first {
      (origin, text) = (name, value)
    } else if let chosen {
      (origin, text) = (chosen.origin, chosen.baseURL ?? text)
    } else if let url = file.providers[vendor.kind]?.baseURL {
      return withoutVersion(url, vendor)
    } else if let usual = try vendor.client?.usual(sources), let url = usual.baseURL {
      (origin, text) = (usual.origin, url)
    }
    return withoutVersion(try BaseURL.checked(text, origin: origin), vendor)
  }

  /// Which of the user's accounts at a vendor is asked; `nil` where there is one only.
  /// - Throws: `.configuration` when what chooses it cannot be used.
  public func scope(of provider: ProviderKind) throws(Failure) -> VendorScope? {
    try facts(of: provider)?.scope?(sources(of: provider))
  }

  /// The files of the vendors' own clients that are read, whether they are there or not.
  public var clientFiles: [String] {
    vendors.flatMap { $0.clientFiles(sources(of: $0.kind)) }
  }

  /// Every environment variable that holds an API key: no child process needs to see them.
  public var keyVariables: [String] { vendors.flatMap { $0.keys.map(\.name) } }

  /// Drops what the vendor's own client drops, such as the API's version.
  private func withoutVersion(_ url: String, _ vendor: VendorFacts) -> String {
    guard !vendor.droppedPath.isEmpty, url.hasSuffix(vendor.droppedPath) else { return url }
    return String(url.dropLast(vendor.droppedPath.count))
  }
}
