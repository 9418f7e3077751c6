import Foundation
import SystemIO
import TestSupport

/// A company's network, whose way to the APIs is a proxy: tinyproxy, with stunnel in front of the simulator.
/// The API's name is one that only the proxy resolves.
final class ProxiedNetwork {
  static let apiHost = "api.gpu.test"
  let simulator: Simulator
  let apiPort: UInt16
  let proxyPort: UInt16
  let folder: TemporaryDirectory
  private let stunnel: RunningProgram
  private let tinyproxy: RunningProgram

  init() throws {
    try Clients.require("stunnel", "tinyproxy", "openssl")
    apiPort = try freePort()
    proxyPort = try freePort()
    simulator = try Simulator(["--public-url", "https://\(Self.apiHost):\(apiPort)"])
    folder = try TemporaryDirectory("office")
    try Self.certify(in: folder)
    try folder.write("127.0.0.1 \(Self.apiHost)\n", to: "hosts")
    try folder.write(
      """
      foreground = yes
      pid =
      [api]
      accept = 127.0.0.1:\(apiPort)
      connect = \(simulator.url.dropFirst("http://".count))
      cert = \(folder.path)/certificate
      key = \(folder.path)/key

      """, to: "stunnel.conf")
    try folder.write(
      """
      Port \(proxyPort)
      Listen 127.0.0.1
      Allow 127.0.0.1
      ConnectPort \(apiPort)
      LogFile "\(folder.path)/proxy.log"
      LogLevel Connect
      Timeout 60

      """, to: "tinyproxy.conf")
    stunnel = try Self.start("stunnel", [folder.path(of: "stunnel.conf")], folder)
    tinyproxy = try Self.start(
      "tinyproxy", ["-d", "-c", folder.path(of: "tinyproxy.conf")], folder)
    for (name, program, port) in [
      ("stunnel", stunnel, apiPort), ("tinyproxy", tinyproxy, proxyPort),
    ] {
      guard eventually({ isListening(port) }) else {
        throw Unexpected("\(name) does not listen: \(program.output) \(program.errors)")
      }
    }
  }

  /// What the proxy was asked to connect to, in order.
  var connections: [String] {
    let log = folder.read("proxy.log") ?? ""
    return log.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard let verb = words.lastIndex(of: "CONNECT"), verb > 0, verb + 1 < words.count else {
        return nil
      }
      return String(words[verb + 1])
    }
  }

  func closeProxy() {
    // Told to end, it would first wait for its next visitor.
    tinyproxy.signal(SIGKILL)
    _ = tinyproxy.end()
  }

  private static func start(
    _ name: String, _ words: [String], _ folder: TemporaryDirectory
  ) throws -> RunningProgram {
    let environment = [
      "PATH": Clients.path, "LD_PRELOAD": "libnss_wrapper.so",
      "NSS_WRAPPER_HOSTS": folder.path(of: "hosts"),
    ]
    return try RunningProgram(Clients.find(name) ?? name, words, environment: environment)
  }

  private static func certify(in folder: TemporaryDirectory) throws {
    let words = [
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
      "1", "-subj", "/CN=\(apiHost)", "-addext", "subjectAltName=DNS:\(apiHost)", "-keyout",
      folder.path(of: "key"), "-out", folder.path(of: "certificate"),
    ]
    let end = try start("openssl", words, folder).end()
    guard end.status == 0 else { throw Unexpected("openssl: \(end)") }
  }
}
