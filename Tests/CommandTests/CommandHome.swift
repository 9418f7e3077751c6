import Foundation
import SystemIO
import TestSupport

/// A test home with the commands of one test, and what to ask about their answers.
struct CommandHome {
  let place: TestHome
  let simulator: Simulator

  /// A machine of Dedalus whose id is a UUID, as the simulator lists it.
  static let uuid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

  init(_ shared: SharedSimulator) throws {
    simulator = try shared.fresh()
    place = try TestHome(simulator)
    place.environment["LC_ALL"] = "C.UTF-8"
    // The user has machines at these; a list asks every vendor that there is a key for.
    let own = ["PRIME_API_KEY", "DEDALUS_API_KEY", "TENSORPOOL_KEY"]
    for name in simulator.environment.keys where name.hasSuffix("KEY") && !own.contains(name) {
      place.environment[name] = nil
    }
  }

  /// Has Prime's key come from a command, and keeps a line for each time that it is run: `keyCommandRuns`.
  func useKeyCommand() throws {
    guard let key = place.environment["PRIME_API_KEY"] else { throw Unexpected("no key") }
    place.environment["PRIME_API_KEY"] = nil
    try place.configure(
      "[prime]\napi_key_command = \"echo run >>'\(place.home.path(of: "runs"))'; echo '\(key)'\"\n")
  }

  /// How often the command of `useKeyCommand` has been run.
  var keyCommandRuns: Int { place.home.read("runs")?.split(separator: "\n").count ?? 0 }

  /// Runs a command; its standard input comes from a file with `input`.
  func run(_ words: String..., input: String? = nil) throws -> ProgramEnd {
    guard let input else { return try place.sshproxy(words, within: 60) }
    let file = try place.home.write(input, to: "input")
    return try place.start(BuiltProgram.sshproxy, words, input: .file(file)).end(within: 60)
  }

  /// Runs a command on a terminal of its own (script(1)); both outputs come together.
  /// - Parameter columns: how wide it is; 0 for one that does not say.
  func onTerminal(columns: Int = 0, _ words: String...) throws -> String {
    let command = ([BuiltProgram.sshproxy] + words).map { "'\($0)'" }.joined(separator: " ")
    let end = try place.start(
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
