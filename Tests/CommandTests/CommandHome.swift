import Foundation
import SystemIO
import TestSupport

/// A test home with the commands of one test, and what to ask about their answers.
final class CommandHome: TestHome {
  let simulator: Simulator
  /// The `sshproxy` that is run.
  var program = BuiltProgram.sshproxy

  /// A machine of Dedalus whose id is a UUID, as the simulator lists it.
  static let uuid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

  init(_ shared: SharedSimulator) throws {
    simulator = try shared.fresh()
    try super.init(environment: simulator.environment)
    try knowUserKey(of: simulator)
    environment["LC_ALL"] = "C.UTF-8"
    // The user has machines at these; a list asks every vendor that there is a key for.
    let own = ["PRIME_API_KEY", "DEDALUS_API_KEY", "TENSORPOOL_KEY"]
    for name in simulator.environment.keys where name.hasSuffix("KEY") && !own.contains(name) {
      environment[name] = nil
    }
  }

  /// Has Prime's key come from a command, and keeps a line for each time that it is run: `keyCommandRuns`.
  func useKeyCommand() throws {
    guard let key = environment["PRIME_API_KEY"] else { throw Unexpected("no key") }
    environment["PRIME_API_KEY"] = nil
    try configure(
      "[prime]\napi_key_command = \"echo run >>'\(home.path(of: "runs"))'; echo '\(key)'\"\n")
  }

  /// How often the command of `useKeyCommand` has been run.
  var keyCommandRuns: Int { home.read("runs")?.split(separator: "\n").count ?? 0 }

  /// Runs a command; its standard input comes from a file with `input`.
  func run(_ words: String..., input: String? = nil) throws -> ProgramEnd {
    let file = try input.map { RunningProgram.Input.file(try home.write($0, to: "input")) }
    return try start(program, words, input: file ?? .nothing).end(within: 60)
  }

  /// Runs a command on a terminal of its own (script(1)); both outputs come together.
  /// - Parameter columns: how wide it is; 0 for one that does not say.
  func onTerminal(columns: Int = 0, _ words: String...) throws -> String {
    let command = ([program] + words).map { "'\($0)'" }.joined(separator: " ")
    let end = try start(
      "/usr/bin/script", ["-qec", "stty cols \(columns); \(command)", "/dev/null"]
    ).end(within: 60)
    return end.output.replacing("\r\n", with: "\n")
  }

  /// How often a request was made.
  func count(_ method: String, _ part: String) throws -> Int {
    try simulator.requests().filter { $0.method == method && $0.path.contains(part) }.count
  }

  /// No key of the environment stands in what was printed.
  func hidesKeys(_ end: ProgramEnd) -> Bool {
    let keys = simulator.environment.filter { $0.key.hasSuffix("KEY") }.values
    return !keys.contains { end.output.contains($0) || end.errors.contains($0) }
  }
}

/// A JSON text as nested dictionaries and arrays.
struct JSONAnswer {
  let value: Any

  init(_ text: String) throws {
    value = try JSONSerialization.jsonObject(with: Data(text.utf8))
  }

  private init(value: Any) { self.value = value }

  var fields: [String: Any] { value as? [String: Any] ?? [:] }
  var names: Set<String> { Set(fields.keys) }
  var list: [JSONAnswer] { (value as? [Any] ?? []).map { JSONAnswer(value: $0) } }
  var text: String? { value as? String }
  var number: Int? { value as? Int }
  var flag: Bool? { value as? Bool }
  var isNull: Bool { value is NSNull }

  subscript(name: String) -> JSONAnswer { JSONAnswer(value: fields[name] ?? NSNull()) }
}
