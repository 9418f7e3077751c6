import Testing

@testable import Providers

/// What is read of OpenSSL's and libcurl's words: numbers, and the environment.
@Suite struct TLSTests {
  /// The numbers of OpenSSL 3 and 1.1, with the words of several versions of libcurl around them.
  @Test(arguments: [
    ("error:0A00010B:SSL routines::wrong version number", false),
    ("TLS connect error: error:0A00010B:SSL routines::wrong version number", false),
    ("error:1408F10B:SSL routines:ssl3_get_record:wrong version number", false),
    ("error:0A000102:SSL routines::unsupported protocol", false),
    ("error:0A00042E:SSL routines::tlsv1 alert protocol version", false),
    ("error:0A000126:SSL routines::unexpected eof while reading", true),
    ("error:0A000438:SSL routines::tlsv1 alert internal error", true),
    ("error:14094438:SSL routines:ssl3_read_bytes:tlsv1 alert internal error", true),
  ])
  func handshakeErrorByItsNumber(_ text: String, mayPass: Bool) {
    #expect(TLSError(in: text)?.mayPass == mayPass)
  }

  @Test(arguments: [
    "", "error:", "error:xyz", "OpenSSL SSL_connect: SSL_ERROR_SYSCALL in connection to lab:443",
  ])
  func withoutNumberNothingIsKnown(_ text: String) { #expect(TLSError(in: text) == nil) }

  /// `CURL_CA_BUNDLE=` is said to quiet other programs.
  @Test func anEmptyVariableNamesNoCertificates() {
    let empty = ["CURL_CA_BUNDLE": "", "SSL_CERT_FILE": "", "SSL_CERT_DIR": ""]
    #expect(TrustStore.file(empty, builtIn: "/dev/null") == nil)
    #expect(TrustStore.directory(empty) == nil)
    let named = empty.merging(["SSL_CERT_FILE": "/a", "SSL_CERT_DIR": "/b"]) { $1 }
    #expect(TrustStore.file(named, builtIn: "/dev/null") == "/a")
    #expect(TrustStore.directory(named) == "/b")
  }

  @Test(arguments: [
    (["HTTPS_PROXY": "http://user:p%40ss@proxy.example:3128/"], "proxy.example"),
    (["HTTPS_PROXY": "proxy.example:3128"], "proxy.example"),
    (["https_proxy": "socks5h://one.example", "HTTPS_PROXY": "two.example"], "one.example"),
    (["https_proxy": "", "ALL_PROXY": "three.example"], "three.example"),
    (["HTTPS_PROXY": "http://[::1]:3128"], nil),
    (["HTTPS_PROXY": "http://"], nil),
    ([:], nil),
  ])
  func proxyOfTheEnvironment(_ environment: [String: String], host: String?) {
    #expect(EasyHandle.proxyHost(environment) == host)
  }
}
