public import SystemIO

extension Configuration {
  /// Where the provider's key comes from: the environment, else `credentials.toml`, else
  /// `config.toml`, else the vendor's own file in the home directory. Never a file in the current
  /// directory: `.env` of a cloned repository was not written by the user.
  /// - Throws: `.configuration` when the first of these that has a key cannot be used.
  public func keySource(of provider: ProviderKind) throws(Failure) -> KeySource {
    for (variable, header) in VendorVariables.keys(of: provider) {
      guard let text = environment[variable] else { continue }
      return .value(try APIKey(text, origin: variable, header: header))
    }
    if let key = try CredentialsFile.read(files).keys[provider] { return .value(key) }
    if let key = file.providers[provider]?.apiKey { return .value(key) }
    if let command = file.providers[provider]?.apiKeyCommand {
      return .command(command, origin: files.configurationFile.sanitized())
    }
    if provider == .prime, let text = try PrimeFile.read(files)?.apiKey, !text.isEmpty {
      return .value(try APIKey(text, origin: PrimeFile.path(files).sanitized()))
    }
    let variables = VendorVariables.keys(of: provider).map(\.0)
    return .missing(
      hint: "run `sshproxy login \(provider.rawValue)`, or set \(variables.first ?? "its key")")
  }

  /// The base URL of the provider's API, without a slash at its end: from the environment, else
  /// `config.toml`, else the vendor's own file, else the vendor's default.
  /// - Throws: `.configuration` when it is neither `https://` nor `http://` to this computer.
  public func baseURL(of provider: ProviderKind) throws(Failure) -> String {
    var origin = ""
    var text = VendorVariables.defaultBaseURL(of: provider)
    if let variable = VendorVariables.baseURLs(of: provider).first(where: {
      environment[$0] != nil
    }) {
      origin = variable
      text = environment[variable] ?? ""
    } else if let url = file.providers[provider]?.baseURL {
      return withoutVersion(url, provider)
    } else if provider == .prime, let url = try PrimeFile.read(files)?.baseURL, !url.isEmpty {
      origin = PrimeFile.path(files).sanitized()
      text = url
    }
    return withoutVersion(try BaseURL.checked(text, origin: origin), provider)
  }

  /// The Dedalus organization to name in requests: `DEDALUS_ORG_ID`, else from `config.toml`.
  func organization() throws(Failure) -> String? {
    guard let name = environment["DEDALUS_ORG_ID"] else {
      return file.providers[.dedalus]?.organization
    }
    guard Organization.allows(name) else {
      throw Failure(
        .configuration, step: "read DEDALUS_ORG_ID", Organization.problem(name))
    }
    return name
  }

  /// Drops the API's version from the end of the URL, as Prime's own client does.
  private func withoutVersion(_ url: String, _ provider: ProviderKind) -> String {
    let version = "/api/v1"
    guard provider == .prime, url.hasSuffix(version) else { return url }
    return String(url.dropLast(version.count))
  }
}
