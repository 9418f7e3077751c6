import Configuration
import SystemIO

extension VendorClient {
  /// `~/.runpod/config.toml`: runpodctl writes `apikey`, the Python package `api_key` below `[default]`.
  static let runpod = VendorClient(
    files: { [path($0)] },
    usual: { (sources) throws(Failure) in
      let path = path(sources)
      guard let file = try UserFile.read(path, .configuration) else { return nil }
      let (own, usual) = (
        try file.tomlText(["apikey"]), try file.tomlText(["default", "api_key"])
      )
      return Settings(origin: path.sanitized(), apiKey: own ?? usual, baseURL: nil)
    })

  private static func path(_ sources: VendorSources) -> String {
    sources.files.home + "/.runpod/config.toml"
  }
}
