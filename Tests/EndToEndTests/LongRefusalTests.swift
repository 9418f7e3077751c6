import TestSupport
import Testing

/// A number that doubled at each try ended `exec` and the route `jump` by SIGILL, exit 132 and no word, after
/// 31 s of an endpoint that refuses.
@Suite(.serialized) struct LongRefusalTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// All at once, for it takes its time.
  @Test func refusalsForOverHalfAMinuteEndInWords() throws {
    let hosts = testHome.home.read(".config/sshproxy/config.toml") ?? ""
    try testHome.configure("[connection]\ndeadline = 36\n" + hosts)
    let refused = #"{"endpoint": "refused"}"#
    try simulator.scenario(
      "{\"plain\": \(refused), \"prime\": \(refused), \"dedalus\": \(refused)}")
    let commands: [([String], Int32)] = [
      (["exec", "lab", "--", "true"], 255),
      (["exec", "--ephemeral", "sb1.prime", "--", "true"], 255),
      (["connect", "--jump", "dm-abc.dedalus"], 75),
    ]
    let runs = try commands.map { try testHome.start(BuiltProgram.sshproxy, $0.0) }
    for ((words, status), run) in zip(commands, runs) {
      let end = run.end(within: 60)
      #expect(end.status == status && end.seconds > 32, "\(words): \(end)")
      #expect(end.errorLines("sshproxy: error: ").count == 1, "\(words): \(end)")
      #expect(end.errors.contains("connection refused for 36 s"), "\(words): \(end)")
    }
    #expect(try simulator.state().prime.sessions.isEmpty)
  }
}
