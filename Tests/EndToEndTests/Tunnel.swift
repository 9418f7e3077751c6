import TestSupport

/// TLS in front of the simulator, with a certificate that nobody knows.
final class Tunnel {
  let url: String
  /// The file to believe it by.
  let authority: String
  private let program: RunningProgram

  init(to simulator: Simulator, in home: TemporaryDirectory) throws {
    authority = home.path(of: "tls.pem")
    let key = home.path(of: "tls.key")
    let certificate = try RunningProgram(
      "/usr/bin/openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
        "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1,DNS:localhost",
        "-keyout", key, "-out", authority,
      ], environment: ["PATH": "/usr/bin:/bin"]
    ).end()
    guard certificate.status == 0 else { throw Unexpected("\(certificate)") }
    let free = try LoopbackListener().port
    let goal = simulator.url.dropFirst("http://".count)
    let settings = try home.write(
      """
      foreground = yes
      pid =
      [https]
      accept = 127.0.0.1:\(free)
      connect = \(goal)
      cert = \(authority)
      key = \(key)

      """, to: "stunnel.conf")
    url = "https://127.0.0.1:\(free)"
    program = try RunningProgram(
      "/usr/bin/stunnel4", [settings], environment: ["PATH": "/usr/bin:/bin"])
    let running = program
    guard eventually(within: 10, { running.errors.contains("Configuration successful") }) else {
      throw Unexpected("stunnel: \(running.errors)")
    }
  }
}
