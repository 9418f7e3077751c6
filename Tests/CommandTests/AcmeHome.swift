import Synchronization
import TestSupport
import Testing

/// A test home whose `sshproxy` has one vendor more, which is `Tests/Acme`, and its API.
struct AcmeHome {
  let testHome: CommandHome
  let api: AcmeAPI

  init() throws {
    testHome = try CommandHome(CommandTests.simulator)
    let session = try testHome.run("resolve", "--create", "--json", "node1.tensorpool")
    let stored = try JSONAnswer(session.output)["session"]
    api = try AcmeAPI(
      host: try #require(stored["host"].text), port: try #require(stored["port"].number),
      user: try #require(stored["login"].text))
    testHome.environment["ACME_API_KEY"] = AcmeAPI.key
    testHome.environment["ACME_BASE_URL"] = api.url
    // The two programs stand beside each other, as they are installed.
    testHome.program = testHome.home.path(of: "bin/sshproxy")
    try WrittenProgram.copy(BuiltProgram.sshproxy, to: testHome.program)
    try WrittenProgram.copy(
      BuiltProgram.path(of: "sshproxy-session-acme"), to: testHome.program + "-session")
  }

  func setUp() throws {
    let end = try testHome.run("setup", "--ssh-config", testHome.sshConfiguration)
    #expect(end.status == 0, "\(end)")
  }
}

/// The API of a vendor whose machines all are one, with many names.
final class AcmeAPI: Sendable {
  static let key = "acme-key-0123456789"

  private let server: ScriptedServer
  private let seen = Mutex<[String]>([])

  /// What its list has; each is known by its id.
  static let machines = #"""
    {"machines": [
      {"id": "m10", "name": "big", "state": "RUNNING", "gpu": "H100", "gpu_count": 8,
       "price_per_hour": "19.92", "nodes": 2, "created_at": "2026-01-02T03:04:05Z"},
      {"id": "m1", "name": "train", "state": "RUNNING", "gpu": "A100", "gpu_count": 1,
       "price_per_hour": 1.2, "nodes": 1, "created_at": "2026-01-02T03:04:05Z"},
      {"id": "m2", "name": "twin", "state": "STOPPED"},
      {"id": "m3", "name": "Twin", "state": "RUNNING", "gpu_count": 0, "price_per_hour": 0.045},
      {"id": "m9", "name": "m1", "state": "RUNNING"}
    ]}
    """#

  var url: String { "http://127.0.0.1:\(server.port)" }
  /// The heads of the requests, in order.
  var requests: [String] { seen.withLock { $0 } }

  init(host: String, port: Int, user: String) throws {
    let machine = #"{"host": "\#(host)", "port": \#(port), "user": "\#(user)"}"#
    server = try ScriptedServer { _, _ in }
    server.setScript { [weak self] connection, _ in
      guard let request = APIRequest(from: connection) else { return }
      self?.seen.withLock { $0.append(request.head + "\r\n") }
      Self.answer(to: request, machine).send(to: connection)
    }
  }

  deinit { server.stop() }

  private static func answer(to request: APIRequest, _ machine: String) -> Reply {
    guard request.header("authorization") == "Bearer \(key)" else { return Reply(401, "{}") }
    switch request.path {
    case "/v1/me": return Reply(200, #"{"email": "ann@acme.example"}"#)
    case "/v1/machines": return Reply(200, machines)
    default:
      let id = request.path.dropFirst("/v1/machines/".count)
      let isThere = ["m1", "m2", "m3", "m7", "m9", "m10"].contains(id)
      return isThere ? Reply(200, machine) : Reply(404, "{}")
    }
  }
}
