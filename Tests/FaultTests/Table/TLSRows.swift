import Foundation
import TestSupport

extension FaultTable {
  static let tls: [Fault] = [
    front("a certificate that verifies by SSL_CERT_FILE", .good, status: 0, left: .session),
    front(
      "a certificate that verifies by CURL_CA_BUNDLE", .good, status: 0, left: .session,
      variable: "CURL_CA_BUNDLE"),
    front(
      "a certificate that verifies by a link in the second directory of SSL_CERT_DIR", .good,
      status: 0, left: .session, variable: "SSL_CERT_DIR"),
    front("an expired certificate", .expired, status: 69, says: "does not verify"),
    front("a self-signed certificate", .selfSigned, status: 69, says: "does not verify"),
    front("a certificate of another host", .otherHost, status: 69, says: "does not verify"),
    front(
      "a certificate of an authority that this computer does not know", .good, status: 69,
      says: "does not verify", variable: nil),
    front(
      "SSL_CERT_FILE that does not exist", .good, status: 69,
      says: "no certificates of authorities", authority: "/nonexistent/authority.pem"),
    front(
      // Without level 0, Debian 12's OpenSSL answers with an internal error of its own.
      "TLS 1.1 alone", .good, status: 69, says: "no TLS in common",
      options: "sslVersionMin = TLSv1\nsslVersionMax = TLSv1.1\nciphers = ALL:@SECLEVEL=0"),
    Fault(
      .tls, "plain HTTP on the TLS port, until the deadline", status: 75,
      says: "the deadline is over", within: Fault.atDeadline
    ) { testHome in
      [try secure(testHome, testHome.provider.server.port)]
    },
    Fault(
      .tls, "an answer by plain HTTP to the handshake", status: 69, says: "no TLS in common"
    ) { testHome in
      let server = testHome.keep(
        try ScriptedServer { connection, _ in
          _ = connection.read()
          connection.write("HTTP/1.1 400 Bad Request\r\n\r\n")
        })
      return [try secure(testHome, server.port)]
    },
    Fault(
      .tls, "a handshake that gets no answer", status: 75, says: "the deadline is over",
      within: Fault.atDeadline
    ) { testHome in
      let server = testHome.keep(try ScriptedServer(script: EndpointManner.silent.script))
      return [try secure(testHome, server.port)]
    },
    Fault(
      .tls, "a handshake that is reset", status: 75, says: "the deadline is over",
      within: Fault.atDeadline
    ) { testHome in
      let server = testHome.keep(
        try ScriptedServer { connection, _ in
          _ = connection.read()
          connection.write([0x16, 0x03, 0x03])
          connection.reset()
        })
      return [try secure(testHome, server.port)]
    },
    Fault(
      .tls, "messages without end that OpenSSL passes over, before any certificate", status: 75,
      says: "the deadline is over", within: Fault.atDeadline
    ) { testHome in
      [try secure(testHome, testHome.keep(try helloRequests()).port)]
    },
    Fault(
      .tls, "an API by TLS that names a gateway without", status: 65, says: "is not an https URL"
    ) { testHome in
      let front = testHome.keep(try TLSFront(.good, target: testHome.provider.server.port))
      testHome.environment["SSL_CERT_FILE"] = front.authority
      return [try secure(testHome, front.port)]
    },
  ]

  /// A server that sends HelloRequests (RFC 5246, section 7.4.1.1) faster than they are read: OpenSSL
  /// does not come back as long as there is another one.
  static func helloRequests() throws -> ScriptedServer {
    let record: [UInt8] = [0x16, 0x03, 0x03, 0x40, 0x00] + [UInt8](repeating: 0, count: 0x4000)
    let many = [[UInt8]](repeating: record, count: 64).flatMap { $0 }
    return try ScriptedServer { connection, _ in while connection.write(many) {} }
  }

  private static func secure(_ testHome: FaultHome, _ port: UInt16) throws -> ProgramEnd {
    testHome.environment["PRIME_API_BASE_URL"] = "https://localhost:\(port)"
    let ending = try testHome.connect()
    testHome.environment["PRIME_API_BASE_URL"] = testHome.provider.url
    return ending
  }

  /// - Parameters:
  ///   - variable: the one that names the authority's file, or a list of directories.
  ///   - authority: another file than the right one.
  private static func front(
    _ name: String, _ certificate: TLSFront.Certificate, status: Int32, says words: String = "",
    left: Left = .nothing, within: Double = 2, variable: String? = "SSL_CERT_FILE",
    authority: String? = nil, options: String = ""
  ) -> Fault {
    Fault(.tls, name, status: status, says: words, left: left, within: within) { testHome in
      let front = testHome.keep(
        try TLSFront(certificate, target: testHome.provider.server.port, options: options))
      if let variable {
        let usual =
          variable == "SSL_CERT_DIR" ? "/nonexistent:\(front.authorities)" : front.authority
        testHome.environment[variable] = authority ?? usual
      }
      // A gateway that is named with https too, as an API by TLS has to.
      let gateway = "https://localhost:\(front.port)/gateway"
      testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
        guard call == .primeCreate else { return nil }
        let body = provider.normal(call, request).body
        return Reply(
          200, JSONText.replacing(["gateway_url"], in: body, by: "\"\(gateway)\""))
      }
      return [try secure(testHome, front.port)]
    }
  }
}
