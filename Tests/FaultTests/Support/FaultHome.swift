import Foundation
import SystemIO
import TestSupport

/// How a run ended.
struct Ending: Sendable, CustomStringConvertible {
  var status: Int32
  var output: String
  var errors: String
  /// From the start, or from the event that was to end it.
  var seconds: Double

  init(_ end: ProgramEnd) {
    (status, output, errors, seconds) = (end.status, end.output, end.errors, end.seconds)
  }

  var description: String {
    "status \(status) after \(seconds) s\nstdout: \(output.prefix(500))\nstderr: \(errors.prefix(2000))"
  }
}

/// A test home with a provider and a machine, for one row of the table.
final class FaultHome: @unchecked Sendable {
  let home: TemporaryDirectory
  let provider: ScriptedProvider
  let endpoint: ScriptedServer
  var environment: [String: String]
  let deadline: Int
  /// A program that holds something up, for as long as it is kept here.
  var helper: RunningProgram?

  private var kept: [AnyObject] = []

  static let state = TemporaryDirectory.state
  static let keys = [
    "PRIME_API_KEY": "pit_5c0ffee5ecret", "DEDALUS_API_KEY": "dsk-5c0ffee5ecret",
    "TENSORPOOL_KEY": "tp-5c0ffee5ecret", "DAYTONA_API_KEY": "dtn_5c0ffee5ecret",
  ]

  /// - Parameter deadline: seconds from alias to first byte.
  init(deadline: Int = 3, apiListens: Bool = true, endpointListens: Bool = true) throws {
    self.deadline = deadline
    home = try TemporaryDirectory("fault")
    endpoint = try ScriptedServer(
      isListening: endpointListens, script: EndpointManner.echo.script)
    provider = try ScriptedProvider(endpointPort: endpoint.port, isListening: apiListens)
    environment = Self.keys
    environment["HOME"] = home.path
    environment["PATH"] = "/usr/local/bin:/usr/bin:/bin"
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
    endLeftovers()
    endpoint.stop()
    provider.server.stop()
  }

  /// Has something live as long as the home.
  func keep<Object: AnyObject>(_ object: Object) -> Object {
    kept.append(object)
    return object
  }

  /// Writes config.toml with the deadline of this home.
  func configure(_ text: String) throws {
    try home.write(
      "[connection]\ndeadline = \(deadline)\n\(text)\n"
        + CloudAnswer.table(provider.url, key: CloudAnswer.describedKey),
      to: ".config/sshproxy/config.toml", mode: 0o600)
  }

  func machine(_ manner: EndpointManner) { endpoint.setScript(manner.script) }

  func start(
    _ words: [String], program: String = BuiltProgram.sshproxy,
    input: RunningProgram.Input = .nothing, output: Int32? = nil
  ) throws -> RunningProgram {
    try RunningProgram(program, words, environment: environment, input: input, output: output)
  }

  func run(_ words: [String]) throws -> Ending {
    Ending(try start(words).end(within: Double(deadline) + 10))
  }

  /// With standard input at its end: the machine's echo ends the run when all is well.
  func connect(_ alias: String = "sb1.prime") throws -> Ending { try run(["connect", alias]) }

  func prepare(_ alias: String = "sb1.prime") throws -> Ending { try run(["prepare", alias]) }

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

  /// The directories of an alias's sessions.
  func sessions(of alias: String) -> [String] {
    home.sessions(of: alias)
  }

  var allSessions: [String] {
    stateNames("sessions").flatMap { alias in sessions(of: alias).map { "\(alias)/\($0)" } }
  }

  /// Rewrites a line of an alias's record, as a clock that jumps would have it.
  func rewriteRecord(of alias: String, _ change: (String) throws -> String) throws {
    try home.rewriteRecords(of: alias, change)
  }

  /// Everything that runs with this home directory.
  var processes: [pid_t] { HomeProcess.all(home: home.path).map(\.identifier) }

  func endLeftovers() {
    for process in processes { kill(process, SIGKILL) }
  }
}
