import Synchronization
import TestSupport
import Testing

/// A test home whose `sshproxy` has one vendor more, which is `Tests/Acme`, and its API.
struct AcmeHome {
  let testHome: CommandHome
  let api: AcmeAPI
  let program: String

  init() throws {
    testHome = try CommandHome(CommandTests.simulator)
    let session = try testHome.run("resolve", "--create", "--json", "node1.tensorpool")
    let place = try JSONAnswer(session.output)["session"]
    api = try AcmeAPI(
      host: try #require(place["host"].text), port: try #require(place["port"].number),
      user: try #require(place["login"].text))
    testHome.place.environment["ACME_API_KEY"] = AcmeAPI.key
    testHome.place.environment["ACME_BASE_URL"] = api.url
    // The two programs stand beside each other, as they are installed.
    program = testHome.place.home.path(of: "bin/sshproxy")
    try WrittenProgram.copy(BuiltProgram.sshproxy, to: program)
    try WrittenProgram.copy(
      BuiltProgram.path(of: "sshproxy-session-acme"), to: program + "-session")
  }

  func run(_ words: String..., input: String? = nil) throws -> ProgramEnd {
    guard let input else { return try testHome.place.start(program, words).end(within: 60) }
    let file = try testHome.place.home.write(input, to: "input")
    return try testHome.place.start(program, words, input: .file(file)).end(within: 60)
  }

  func setUp() throws {
    let end = try run("setup", "--ssh-config", testHome.place.sshConfiguration)
    #expect(end.status == 0, "\(end)")
  }

  /// Runs a command on a terminal of its own of so many columns; both outputs come together.
  func onTerminal(columns: Int, _ words: String...) throws -> String {
    let command = ([program] + words).map { "'\($0)'" }.joined(separator: " ")
    let end = try testHome.place.start(
      "/usr/bin/script", ["-qec", "stty cols \(columns); \(command)", "/dev/null"]
    ).end(within: 60)
    return end.output.replacing("\r\n", with: "\n")
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
