public import SystemIO

/// `credentials.toml`: the keys that `login` has stored, an `api_key` under each `[PROVIDER]`.
struct CredentialsFile {
  let keys: [ProviderKind: APIKey]

  /// - Throws: `.configuration` when it belongs to another user, others can read it, or it has an
  ///   unknown key.
  static func read(
    _ files: FileLocations, _ vendors: [VendorFacts]
  ) throws(Failure) -> CredentialsFile {
    guard let file = try UserFile.read(files.credentialsFile, .secret) else {
      return CredentialsFile(keys: [:])
    }
    return try CredentialsFile(file.text, path: file.path, vendors)
  }

  init(_ text: String, path: String, _ vendors: [VendorFacts]) throws(Failure) {
    let top = TOMLSection(top: try TOMLDocument(text, path: path))
    try top.allowOnly(vendors.filter { $0.account == nil }.map(\.name))
    var keys: [ProviderKind: APIKey] = [:]
    for vendor in vendors {
      guard let section = try top.section(vendor.name) else { continue }
      try section.allowOnly(["api_key"])
      guard let text = try section.string("api_key") else { continue }
      do throws(Failure) {
        keys[vendor.kind] = try APIKey(
          text, origin: path.sanitized(), header: vendor.keyHeader)
      } catch {
        throw section.failure("api_key", error.message, hint: error.hint)
      }
    }
    self.keys = keys
  }

  private init(keys: [ProviderKind: APIKey]) { self.keys = keys }
}

extension Configuration {
  /// Stores a key in `credentials.toml`, replacing the provider's former one. Comments and other keys
  /// stay as they are. The file is private, and replaced atomically.
  /// - Throws: `.configuration` when the existing file cannot be parsed or edited, `.inputOutput` when it
  ///   cannot be written.
  public func store(_ key: APIKey, of provider: ProviderKind) throws(Failure) {
    let provider = account(of: provider)?.kind ?? provider
    let path = files.credentialsFile
    let old = try UserFile.read(path, .secret)?.text ?? ""
    let before = try CredentialsFile(old, path: path, vendors).keys
    let new = CredentialsText.replacing(
      provider, by: key.reveal(), in: old, line: CredentialsText.line(of: provider, in: old))
    // The text is edited by lines, which does not work for every way of writing TOML. So the result is
    // parsed and compared before it replaces the file.
    let after = try? CredentialsFile(new, path: path, vendors).keys
    let isKept = vendors.map(\.kind).allSatisfy { other in
      after?[other]?.reveal() == (other == provider ? key : before[other])?.reveal()
    }
    guard isKept else {
      throw Failure(
        .configuration, step: "store the API key",
        "\(path.sanitized()) is written in a way that cannot be edited here",
        hint: "write [\(provider.rawValue)] and api_key = \"…\" into it yourself")
    }
    let directory = try PrivateDirectory(making: files.configurationDirectory)
    try PrivateFile.write(new, to: "credentials.toml", in: directory.descriptor)
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
