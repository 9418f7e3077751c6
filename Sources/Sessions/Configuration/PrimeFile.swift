internal import FoundationEssentials
internal import SystemIO

/// The file of Prime's own client, `~/.prime/config.json`. It says where a key goes, so it is held to the
/// same rules as our own `config.toml`.
struct PrimeFile: Decodable {
  let apiKey: String?
  let baseURL: String?

  private enum CodingKeys: String, CodingKey {
    case apiKey = "api_key"
    case baseURL = "base_url"
  }

  static func path(_ files: FileLocations) -> String { files.home + "/.prime/config.json" }

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it cannot be used.
  static func read(_ files: FileLocations) throws(Failure) -> PrimeFile? {
    guard let file = try UserFile.read(path(files), .configuration) else { return nil }
    do {
      return try JSONDecoder().decode(PrimeFile.self, from: Data(file.text.utf8))
    } catch {
      throw Failure(
        .configuration, step: "read the configuration",
        "\(file.path.shown()) is not what Prime's own client writes",
        hint: "run `prime login` again, or set PRIME_API_KEY and PRIME_API_BASE_URL")
    }
  }
}
