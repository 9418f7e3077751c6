import Configuration
import SystemIO

/// What the vendor's own client of Prime keeps: `~/.prime/config.json`, or that with a context laid over
/// it, as the client does (its version 0.18.0). The files say where a key goes, so they are held to the
/// same rules as our own `config.toml`.
struct PrimeFile {
  let apiKey: String?
  let team: String?
  let baseURL: String?
  /// The key that logs in to pods.
  let keyFile: String?
  /// The file that these are from.
  let path: String

  static func path(_ files: FileLocations) -> String { files.home + "/.prime/config.json" }

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it cannot be used.
  static func read(_ files: FileLocations) throws(Failure) -> PrimeFile? {
    try read(at: path(files))
  }

  static func read(at path: String) throws(Failure) -> PrimeFile? {
    guard let file = try UserFile.read(path, .configuration) else { return nil }
    guard let fields = try? JSONValue(Array(file.text.utf8)), case .object = fields,
      let apiKey = text(fields["api_key"]), let team = text(fields["team_id"]),
      let baseURL = text(fields["base_url"]), let keyFile = text(fields["ssh_key_path"])
    else {
      throw Failure(
        .configuration, step: "read the configuration",
        "\(file.path.sanitized()) is not what Prime's own client writes",
        hint: "run `prime login` again, or set PRIME_API_KEY and PRIME_API_BASE_URL")
    }
    return PrimeFile(
      apiKey: apiKey, team: team, baseURL: baseURL, keyFile: keyFile, path: path)
  }

  /// - Returns: `.some(nil)` where there is none, or an empty one; `nil` for something else than a text.
  private static func text(_ value: JSONValue?) -> String?? {
    switch value {
    case nil, .null?: .some(nil)
    case .string(let text)?: .some(text.isEmpty ? nil : text)
    default: nil
    }
  }

  fileprivate var settings: VendorClient.Settings {
    .init(origin: path.sanitized(), apiKey: apiKey, baseURL: baseURL)
  }
}

extension VendorClient {
  /// Prime's own client: a context that is named counts before our own files, the usual file after them.
  static let prime = VendorClient(
    files: { [PrimeFile.path($0.files), PrimeContext.path($0)].compactMap { $0 } },
    chosen: { (sources) throws(Failure) in
      guard let context = try PrimeContext(sources) else { return nil }
      return context.file?.settings ?? Settings(origin: "", apiKey: nil, baseURL: nil)
    },
    usual: { (sources) throws(Failure) in try PrimeFile.read(sources.files)?.settings })
}
