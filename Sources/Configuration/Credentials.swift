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
      guard let text = sources.variable(variable.name) else { continue }
      return .value(try APIKey(text, origin: variable.name, header: variable.header))
    }
    if let chosen, let text = chosen.apiKey {
      return .value(try APIKey(text, origin: chosen.origin, header: vendor.keyHeader))
    }
    let stored = try credentials()
    if let key = stored.keys[vendor.kind] { return .value(key) }
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
    let unknown = stored.others.keys.sorted().first.map {
      "; \(FileLocations.credentialsFileName) has a key of [\($0.sanitized(limit: 60))], which nothing here is"
    }
    return .missing(
      hint: "run `sshproxy login \(vendor.name)`, or \(other)" + (unknown ?? ""))
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
      throw noAPI(provider)
    }
    let sources = sources(of: vendor.kind)
    let chosen = try vendor.client?.chosen?(sources)
    var origin = ""
    var text = vendor.baseURL
    if let (name, value) = vendor.baseURLVariables.lazy.compactMap({ name in
      sources.variable(name).map { (name, $0) }
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

  func noAPI(_ provider: ProviderKind) -> Failure {
    Failure(.internalError, "\(provider.rawValue) has no API to be reached at")
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

  /// Every API key that stands in the environment or in the user's files, used in this run or not. Files
  /// that cannot be used are left out: what needs them says so.
  public var allKeys: [String] {
    let stored = (try? credentials()).map { Array($0.keys.values) + $0.others.values } ?? []
    let configured = file.providers.values.compactMap(\.apiKey)
    let others = vendors.flatMap { vendor in
      let sources = sources(of: vendor.kind)
      return vendor.keys.compactMap { sources.variable($0.name) }
        + [vendor.client?.usual, vendor.client?.chosen].compactMap { read in
          (try? read?(sources))?.apiKey
        }
    }
    let proxies =
      file.providers.values.compactMap(\.through.password)
      + file.hosts.values.compactMap(\.through.password)
      + [file.connection.through.password].compactMap { $0 }
    return proxies + others.map { String(Substring($0.utf8.withoutLineEnd)) }
      + (stored + configured).map { $0.reveal() }
  }

  /// Drops what the vendor's own client drops, such as the API's version.
  private func withoutVersion(_ url: String, _ vendor: VendorFacts) -> String {
    guard !vendor.droppedPath.isEmpty, url.hasSuffix(vendor.droppedPath) else { return url }
    return String(url.dropLast(vendor.droppedPath.count))
  }
}

/// `credentials.toml`: the keys that `login` has stored, an `api_key` under each `[PROVIDER]`.
struct CredentialsFile {
  private(set) var keys: [ProviderKind: APIKey] = [:]
  /// By the names of their tables: of clouds that are described no more, whose keys are nobody's failure.
  private(set) var others: [String: APIKey] = [:]

  /// No key at all.
  init() {}

  /// - Throws: `.configuration`, naming the line, for a key that is none of `api_key`, for what is no key, and for
  ///   a table of no vendor without one.
  init(_ text: String, path: String, _ vendors: [VendorFacts]) throws(Failure) {
    let top = TOMLSection(top: try TOMLDocument(text, path: path))
    let names = vendors.filter { $0.account == nil }.map(\.name)
    let others = top.keys.filter {
      !names.contains($0) && (try? top.section($0))??.isText("api_key") == true
    }
    try top.allowOnly(names + others)
    func key(_ name: String, _ header: APIKey.Header) throws(Failure) -> APIKey? {
      guard let section = try top.section(name) else { return nil }
      try section.allowOnly(["api_key"])
      guard let text = try section.string("api_key") else { return nil }
      return try APIKey(text, header, in: section)
    }
    for vendor in vendors { keys[vendor.kind] = try key(vendor.name, vendor.keyHeader) }
    for name in others { self.others[name] = try key(name, .bearer) }
  }
}

extension Configuration {
  /// The keys that `login` has stored.
  /// - Throws: `.configuration` when the file belongs to another user, others can read it, or it has an
  ///   unknown key.
  private func credentials() throws(Failure) -> CredentialsFile {
    guard let file = try userFiles.read(files.credentialsFile, .secret) else {
      return CredentialsFile()
    }
    return try CredentialsFile(file.text, path: file.path, vendors)
  }

  /// Whether it can be told for which vendors `login` has stored a key. While it cannot, each counts as having one
  /// (`hasKey`), so that whoever needs it hears why.
  /// - Throws: `.configuration` when it cannot.
  public func checkCredentials() throws(Failure) { _ = try credentials() }

  /// How long another `login` is waited for that is storing its key, in milliseconds.
  private static let credentialsTimeout = 5000

  /// Stores a key in `credentials.toml`, replacing the provider's former one. Comments and other keys
  /// stay as they are. The file is private, and replaced atomically. Of two at once, one waits for the other.
  /// - Throws: `.configuration` when the existing file cannot be parsed or edited, `.inputOutput` when it
  ///   cannot be written, `.temporary` when another process does not come to an end with it, `.cancelled`.
  public func store(
    _ key: APIKey, of provider: ProviderKind, caller: HangUpMonitor
  ) throws(Failure) {
    let directory = try PrivateDirectory(making: files.configurationDirectory)
    let lock = try FileLock(
      FileLocations.credentialsLockName, in: directory.descriptor,
      until: Moment.now + Self.credentialsTimeout, caller: caller)
    try withExtendedLifetime(lock) { () throws(Failure) in
      try replace(account(of: provider)?.kind ?? provider, by: key, in: directory)
    }
  }

  private func replace(
    _ provider: ProviderKind, by key: APIKey, in directory: borrowing PrivateDirectory
  ) throws(Failure) {
    let path = files.credentialsFile
    // As it is now: somebody may have edited it while the key was asked for.
    let old = try UserFile.read(path, .secret)?.text ?? ""
    let before = try CredentialsFile(old, path: path, vendors)
    let new = CredentialsText.replacing(
      provider, by: key.reveal(), in: old, line: CredentialsText.line(of: provider, in: old))
    // The text is edited by lines, which does not work for every way of writing TOML. So the result is
    // parsed and compared before it replaces the file.
    let after = try? CredentialsFile(new, path: path, vendors)
    let isKept =
      after?.others.mapValues { $0.reveal() } == before.others.mapValues { $0.reveal() }
      && vendors.map(\.kind).allSatisfy { other in
        after?.keys[other]?.reveal() == (other == provider ? key : before.keys[other])?.reveal()
      }
    guard isKept else {
      throw Failure(
        .configuration, step: "store the API key",
        "\(path.sanitized()) is written in a way that cannot be edited here",
        hint: "write [\(provider.rawValue)] and api_key = \"…\" into it yourself")
    }
    try PrivateFile.write(new, to: FileLocations.credentialsFileName, in: directory.descriptor)
    userFiles.forget(path)
  }
}

extension APIKey {
  /// The `api_key` of a table.
  /// - Throws: `.configuration`, naming the line.
  init(_ text: String, _ header: Header, in section: TOMLSection) throws(Failure) {
    self = try section.parsed("api_key") { () throws(Failure) in
      try APIKey(text, origin: section.document.path.sanitized(), header: header)
    }
  }
}

/// Edits the text of `credentials.toml`.
enum CredentialsText {
  /// The lines of the provider's key and of its table, counted from 0; `nil` where there is none.
  static func line(of provider: ProviderKind, in text: String) -> (key: Int?, table: Int?) {
    let lines = KeyLines(of: text).lines
    func index(_ path: [String]) -> Int? { lines[path].map { $0 - 1 } }
    return (index([provider.rawValue, "api_key"]), index([provider.rawValue]))
  }

  static func replacing(
    _ provider: ProviderKind, by key: String, in text: String, line: (key: Int?, table: Int?)
  ) -> String {
    // Every character of a key is printable ASCII: only these two mean something in a string.
    let quoted = key.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
    let isCRLF = text.utf8.contains(0x0d)
    let end = isCRLF ? "\r" : ""
    var lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false)
      .map { String(Substring($0)) }
    if let index = line.key, let equals = lines[index].firstIndex(of: "=") {
      lines[index] = "\(lines[index][...equals]) \"\(quoted)\"\(end)"
    } else if let index = line.table {
      lines.insert("api_key = \"\(quoted)\"\(end)", at: index + 1)
    } else {
      if lines.last?.isEmpty == true { lines.removeLast() }
      if !lines.isEmpty { lines.append(end) }
      lines += ["[\(provider.rawValue)]\(end)", "api_key = \"\(quoted)\"\(end)", ""]
    }
    return lines.joined(separator: "\n")
  }
}
