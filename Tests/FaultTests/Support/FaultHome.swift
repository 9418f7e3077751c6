import Foundation
import SystemIO
import TestSupport

/// A test home with a provider and a machine, for one row of the table. The row's own thread changes it; the
/// servers' threads, which a row's script may lead here, only ask what has been there since the start.
final class FaultHome: TestHome, @unchecked Sendable {
  let provider: ScriptedProvider
  let endpoint: ScriptedServer
  let deadline: Int
  /// A program that holds something up, for as long as it is kept here.
  var helper: RunningProgram?

  private var kept: [AnyObject] = []

  static let keys = [
    "PRIME_API_KEY": "pit_5c0ffee5ecret", "DEDALUS_API_KEY": "dsk-5c0ffee5ecret",
    "TENSORPOOL_KEY": "tp-5c0ffee5ecret", "DAYTONA_API_KEY": "dtn_5c0ffee5ecret",
  ]

  /// - Parameter deadline: seconds from alias to first byte.
  init(deadline: Int = 3, apiListens: Bool = true, endpointListens: Bool = true) throws {
    self.deadline = deadline
    endpoint = try ScriptedServer(
      isListening: endpointListens, script: EndpointManner.echo.script)
    provider = try ScriptedProvider(endpointPort: endpoint.port, isListening: apiListens)
    try super.init(environment: Self.keys)
    environment["PRIME_API_BASE_URL"] = provider.url
    environment["DEDALUS_BASE_URL"] = provider.url
    environment["TENSORPOOL_ENGINE"] = provider.url
    environment["DAYTONA_API_URL"] = provider.url + "/daytona"
    for cloud in CloudAnswer.all.values where !cloud.folder.isEmpty && !cloud.variables.key.isEmpty
    {
      environment[cloud.variables.key] = CloudAnswer.key
      environment[cloud.variables.url] = provider.url + cloud.folder
    }
    try configure("")
  }

  /// The API refuses connections until its server is opened.
  static func withoutAPI(deadline: Int) throws -> FaultHome {
    try FaultHome(deadline: deadline, apiListens: false)
  }

  /// The machine refuses connections until its server is opened.
  static func withoutMachine(deadline: Int) throws -> FaultHome {
    try FaultHome(deadline: deadline, endpointListens: false)
  }

  deinit {
    endpoint.stop()
    provider.server.stop()
  }

  /// Has something live as long as the home.
  func keep<Object: AnyObject>(_ object: Object) -> Object {
    kept.append(object)
    return object
  }

  /// Writes config.toml with the deadline of this home.
  override func configure(_ text: String, mode: Int = 0o600) throws {
    try super.configure(
      "[connection]\ndeadline = \(deadline)\n\(text)\n"
        + CloudAnswer.table(provider.url, key: CloudAnswer.describedKey), mode: mode)
  }

  func machine(_ manner: EndpointManner) { endpoint.setScript(manner.script) }

  func start(
    _ words: [String], program: String = BuiltProgram.sshproxy,
    input: RunningProgram.Input = .nothing, output: Int32? = nil
  ) throws -> RunningProgram {
    try start(program, words, input: input, output: output)
  }

  func run(_ words: [String]) throws -> ProgramEnd {
    try start(words).end(within: Double(deadline) + 10)
  }

  /// With standard input at its end: the machine's echo ends the run when all is well.
  func connect(_ alias: String = "sb1.prime") throws -> ProgramEnd { try run(["connect", alias]) }

  /// Connects. A cloud that names no port means 22, where this table has no machine: there `prepare` is all
  /// that is run.
  func reach(_ call: Call) throws -> ProgramEnd {
    CloudAnswer.all[call]?.namesPort == false ? try prepare(call.alias) : try connect(call.alias)
  }

  func prepare(_ alias: String = "sb1.prime") throws -> ProgramEnd { try run(["prepare", alias]) }

  /// Everything is as it should be again.
  func heal() {
    provider.setFault(nil)
    provider.restore()
    provider.server.open()
    endpoint.open()
    machine(.echo)
  }

  /// Forgets all sessions, here and at the provider.
  func wipe() {
    try? FileManager.default.removeItem(atPath: home.path(of: Self.state))
    provider.forgetSessions()
  }

  func stateNames(_ path: String = "") -> [String] {
    home.names(in: path.isEmpty ? Self.state : "\(Self.state)/\(path)")
  }

  var allSessions: [String] {
    stateNames("sessions").flatMap { alias in home.sessions(of: alias).map { "\(alias)/\($0)" } }
  }

  /// How many locks the processes of this home have opened, together; one that is waited for is open twice.
  var waitingCount: Int {
    processes.reduce(0) { sum, process in
      let folder = "/proc/\(process.identifier)/fd"
      let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      let files = names.compactMap {
        try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")
      }
      return sum + Set(files.filter { $0.hasSuffix("/lock") }).count
    }
  }
}
