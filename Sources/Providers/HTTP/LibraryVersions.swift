internal import CCurl
import SystemIO

extension HTTPClient {
  /// libcurl and what it uses for TLS, with their versions (curl_version(3)).
  public static var libraryVersions: String {
    guard ccurl_load() == nil, let text = ccurl_version() else { return "libcurl" }
    return String(cString: text).split(separator: " ").prefix(2).joined(separator: ", ").shown()
  }
}
