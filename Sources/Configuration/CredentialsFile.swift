internal import SystemIO

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
