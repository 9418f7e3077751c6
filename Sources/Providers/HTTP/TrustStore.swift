internal import SystemIO

/// The certificates of the authorities that TLS trusts.
enum TrustStore {
  /// Where systems keep them in one file: Debian and its kin, Fedora and Enterprise Linux, openSUSE,
  /// Alpine and BSD. A libcurl that was brought along looks where the system it was built on has them.
  private static let places = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ]

  /// The file that libcurl is to be given; `nil` where its own is good.
  /// - Parameter builtIn: the file that this libcurl reads by itself, if it tells.
  static func file(_ environment: [String: String], builtIn: UnsafePointer<CChar>?) -> String? {
    if let named = environment["CURL_CA_BUNDLE"] ?? environment["SSL_CERT_FILE"] { return named }
    if let builtIn, access(builtIn, R_OK) == 0 { return nil }
    return places.first { access($0, R_OK) == 0 }
  }

  /// There is no such file, or it has no certificate. Nobody has answered yet, so nobody is in between.
  static func unreadable(_ text: String) -> Failure {
    Failure(
      .unreachable, "there are no certificates of authorities to verify the server by (\(text))",
      hint: "install ca-certificates, or name a file of them in SSL_CERT_FILE")
  }
}
