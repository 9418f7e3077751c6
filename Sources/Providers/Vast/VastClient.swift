import Configuration
import SystemIO

extension VendorClient {
  /// `~/.config/vastai/vast_api_key`, which holds the key and nothing else.
  static let vast = VendorClient(
    files: { [path($0)] },
    usual: { (sources) throws(Failure) in
      let path = path(sources)
      guard let file = try UserFile.read(path, .configuration) else { return nil }
      let key = file.text.split(whereSeparator: \.isWhitespace).first.map(String.init)
      return Settings(origin: path.sanitized(), apiKey: key, baseURL: nil)
    })

  private static func path(_ sources: VendorSources) -> String {
    sources.files.home + "/.config/vastai/vast_api_key"
  }
}
