internal import CCurl
public import SystemIO

extension HTTPClient {
  /// Loads libcurl; only the first call does anything.
  /// - Throws: `.internalError` where there is none, or one without a function that is needed.
  static func loadLibrary() throws(Failure) {
    if let reason = ccurl_load() {
      throw Failure(
        .internalError,
        "libcurl cannot be loaded (\(String(cString: reason).sanitized(limit: 160)))",
        hint: "install libcurl; Debian's package is libcurl4")
    }
  }

  /// libcurl and what it uses for TLS, with their versions. Looks nothing up.
  /// - Throws: as `loadLibrary`.
  public static func libraryVersions() throws(Failure) -> String {
    try loadLibrary()
    let libcurl = ccurl_version().map { "libcurl/" + String(cString: $0) } ?? "libcurl"
    guard let tls = ccurl_tls_version() else { return libcurl.sanitized() }
    return "\(libcurl), \(String(cString: tls))".sanitized()
  }
}
