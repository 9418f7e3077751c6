import Foundation
import TestSupport

/// stunnel in front of a server of ours, one for each connection (inetd mode, stunnel(8)), with
/// certificates that openssl makes.
final class TLSFront: Sendable {
  enum Certificate: String, Sendable {
    case good, expired, otherHost, selfSigned, named
  }

  /// What the certificate of the kind `named` is for; the others are for `localhost`.
  static let name = "api.fault.example"

  let port: UInt16
  /// The authority that issued all certificates but the self-signed one.
  let authority: String
  /// A directory with a link to it, as OpenSSL looks it up (openssl-rehash(1)).
  let authorities: String
  private let folder: TemporaryDirectory
  private let server: ScriptedServer

  /// - Parameters:
  ///   - target: the port on 127.0.0.1 that the plain bytes go to.
  ///   - options: more lines for stunnel's configuration.
  init(_ kind: Certificate, target: UInt16, options: String = "") throws {
    let folder = try TemporaryDirectory("tls")
    try Self.makeCertificate(kind, in: folder)
    try folder.write(
      """
      syslog = no
      debug = 0
      cert = \(folder.path(of: "chain.pem"))
      connect = 127.0.0.1:\(target)
      \(options)

      """, to: "stunnel.conf")
    server = try ScriptedServer { connection, _ in
      let configuration = folder.path(of: "stunnel.conf")
      let program = try? RunningProgram(
        "/usr/bin/stunnel", [configuration], environment: [:],
        input: .descriptor(connection.descriptor), output: connection.descriptor)
      connection.close()
      _ = program?.end(within: 60)
    }
    self.folder = folder
    port = server.port
    authority = folder.path(of: "authority.pem")
    authorities = folder.path(of: "authorities")
  }

  deinit { server.stop() }

  private static func makeCertificate(_ kind: Certificate, in folder: TemporaryDirectory) throws {
    let host =
      kind == .otherHost ? "other.example" : kind == .named ? Self.name : "localhost"
    try folder.write("subjectAltName=DNS:\(host)\n", to: "extensions")
    let script = """
      set -eu
      curve='-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes'
      openssl req -x509 $curve -keyout authority.key -out authority.pem -subj /CN=authority -days 2
      if [ \(kind.rawValue) = selfSigned ]; then
        openssl req -x509 $curve -keyout key.pem -out certificate.pem -subj /CN=localhost -days 2 \\
          -addext subjectAltName=DNS:localhost
      else
        openssl req -new $curve -keyout key.pem -out request -subj /CN=\(host)
        # Not `x509 -req`: from OpenSSL 3.4 on, it takes no days that are over.
        printf '%s\\n' '[ca]' default_ca=ours '[ours]' database=index new_certs_dir=. rand_serial=yes \\
          default_md=sha256 policy=any '[any]' commonName=supplied >ca.conf
        : >index
        openssl ca -batch -notext -config ca.conf -in request -cert authority.pem \\
          -keyfile authority.key -extfile extensions -startdate 20200101000000Z \\
          -enddate \(kind == .expired ? "20200102000000Z" : "20991231000000Z") -out certificate.pem
      fi
      cat key.pem certificate.pem >chain.pem
      mkdir authorities
      ln -s ../authority.pem "authorities/$(openssl x509 -hash -noout -in authority.pem).0"
      """
    let end = try RunningProgram(
      "/bin/sh", ["-c", "cd '\(folder.path)'\n" + script],
      environment: ["PATH": "/usr/bin:/bin", "HOME": folder.path]
    ).end()
    guard end.status == 0 else { throw Unexpected("openssl: \(end)") }
  }
}
