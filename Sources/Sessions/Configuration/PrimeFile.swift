internal import SystemIO

/// The file of Prime's own client, `~/.prime/config.json`. It says where a key goes, so it is held to the
/// same rules as our own `config.toml`.
public struct PrimeFile {
  let apiKey: String?
  let baseURL: String?

  public static func path(_ files: FileLocations) -> String { files.home + "/.prime/config.json" }

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it cannot be used.
  static func read(_ files: FileLocations) throws(Failure) -> PrimeFile? {
    guard let file = try UserFile.read(path(files), .configuration) else { return nil }
    guard let fields = try? JSONValue(Array(file.text.utf8)), case .object = fields,
      let apiKey = text(fields["api_key"]), let baseURL = text(fields["base_url"])
    else {
      throw Failure(
        .configuration, step: "read the configuration",
        "\(file.path.sanitized()) is not what Prime's own client writes",
        hint: "run `prime login` again, or set PRIME_API_KEY and PRIME_API_BASE_URL")
    }
    return PrimeFile(apiKey: apiKey, baseURL: baseURL)
  }

  /// - Returns: `.some(nil)` where there is none; `nil` for something else than a text.
  private static func text(_ value: JSONValue?) -> String?? {
    switch value {
    case nil, .null?: .some(nil)
    case .string(let text)?: text
    default: nil
    }
  }
}
