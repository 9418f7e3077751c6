internal import Configuration
internal import SystemIO

/// The certificates of the authorities that TLS trusts.
enum TrustStore {
  /// Where systems keep them in one file: Debian and its kin, Fedora and Enterprise Linux, openSUSE,
  /// Alpine and BSD. A libcurl that was brought along looks where the system it was built on has them.
  static let places = [
    "/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
  ]

  /// The file that libcurl is to be given; `nil` where its own is good.
  /// - Parameter builtIn: the file that this libcurl reads by itself, if it tells.
  static func file(_ environment: [String: String], builtIn: UnsafePointer<CChar>?) -> String? {
    if let named = environment.nonEmpty("CURL_CA_BUNDLE") ?? environment.nonEmpty("SSL_CERT_FILE") {
      return named
    }
    if let builtIn, FilePath.isReadable(String(cString: builtIn)) { return nil }
    return places.first(where: FilePath.isReadable)
  }

  /// The folder of certificates that is read besides.
  static func directory(_ environment: [String: String]) -> String? {
    environment.nonEmpty("SSL_CERT_DIR")
  }

  /// There is no such file, or it has no certificate. Nobody has answered yet, so nobody is in between.
  static func unreadable(_ text: String) -> Failure {
    Failure(
      .unreachable, "there are no certificates of authorities to verify the server by (\(text))",
      hint: "install ca-certificates, or name a file of them in SSL_CERT_FILE")
  }
}

/// OpenSSL's error of a handshake. libcurl tells it as text alone, but its number is in it (ERR_error_string(3)):
/// `error:0A00010B:SSL routines::wrong version number`.
struct TLSError: Equatable {
  /// `SSL_R_…` (openssl/sslerr.h): what OpenSSL says, and from 1000 on the alerts of the server.
  let reason: UInt32

  /// SSL_R_UNEXPECTED_EOF_WHILE_READING.
  private static let endOfFile: UInt32 = 294
  /// The alert `internal_error` (RFC 8446, section 6.2).
  private static let internalErrorAlert: UInt32 = 1080

  /// - Returns: `nil` where there is no such number.
  init?(in text: String) {
    let mark = Array("error:".utf8)
    let bytes = Array(text.utf8)
    let numbers = bytes.indices.lazy.filter { bytes[$0...].starts(with: mark) }.compactMap {
      UInt32(String(decoding: bytes[($0 + mark.count)...].prefix(8), as: UTF8.self), radix: 16)
    }
    guard let number = numbers.first else { return nil }
    // Above the reason are the library and, up to OpenSSL 1.1, the function.
    reason = number & 0xfff
  }

  /// Whether the server may only be restarting: it hung up, or has an error of its own. All else is an
  /// answer that is no TLS, or none of ours.
  var mayPass: Bool { reason == Self.endOfFile || reason == Self.internalErrorAlert }
}
