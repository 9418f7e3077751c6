internal import FoundationEssentials
internal import SystemIO

/// The file of Prime's own client, `~/.prime/config.json`.
public struct PrimeFile: Decodable {
  let apiKey: String?
  let baseURL: String?

  private enum CodingKeys: String, CodingKey {
    case apiKey = "api_key"
    case baseURL = "base_url"
  }

  public static func path(_ files: FileLocations) -> String { files.home + "/.prime/config.json" }

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it cannot be used.
  static func read(_ files: FileLocations) throws(Failure) -> PrimeFile? {
    guard let file = try UserFile.read(path(files), .foreign) else { return nil }
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
