import Foundation
import TestSupport
import Testing

/// With ControlPersist, ssh gives its ProxyCommand /dev/null for standard error.
@Suite(.serialized) struct UnheardFailureTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private var sharing: [String] {
    [
      "-o", "ControlMaster=auto", "-o", "ControlPath=\(testHome.home.path)/m-%C", "-o",
      "ControlPersist=5",
    ]
  }

  private func configure(_ more: String = "", fdpass: Bool = true) throws {
    try testHome.configureLab(
      port: simulator.ports["plain"] ?? 0, connection: "deadline = 2", more)
    try testHome.setUp(fdpass: fdpass)
  }

  @Test(arguments: [true, false])
  func failureReachesTheTerminal(fdpass: Bool) throws {
    try configure(fdpass: fdpass)
    try simulator.scenario(#"{"plain": {"endpoint": "refused"}}"#)
    let words = ["ssh", "-F", testHome.sshConfiguration] + sharing + ["lab", "true"]
    let end = try testHome.start(
      "/usr/bin/script", ["-qec", words.joined(separator: " "), "/dev/null"]
    ).end(within: 30)
    #expect(end.output.contains("sshproxy: error: lab: "), "\(end)")
    #expect(end.output.contains("sshproxy: hint: "), "\(end)")
    #expect(!testHome.home.exists("\(TestHome.state)/sessions/lab/unheard"))
  }

  /// The same on the route that our helper takes.
  @Test func failureOfTheJumpReachesTheTerminal() throws {
    try configure("[dedalus]\nroute = \"jump\"\njump_target = \"localhost:1\"\n")
    let words = ["ssh", "-F", testHome.sshConfiguration] + sharing + ["dm-abc.dedalus", "true"]
    let end = try testHome.start(
      "/usr/bin/script", ["-qec", words.joined(separator: " "), "/dev/null"]
    ).end(within: 30)
    #expect(end.output.contains("sshproxy: error: dm-abc.dedalus: "), "\(end)")
  }

  /// An ssh of cron's or an editor's: there is no terminal.
  private func sshWithoutTerminal(_ words: [String]) throws -> ProgramEnd {
    try testHome.start(
      "/usr/bin/setsid", ["-w", TestHome.ssh, "-F", testHome.sshConfiguration] + sharing + words
    ).end(within: 30)
  }

  private func lastFailure(_ alias: String...) throws -> String? {
    let words = ["check", "--json", "--ssh-config", testHome.sshConfiguration] + alias
    let end = try testHome.sshproxy(words, within: 60)
    let answer = try JSONSerialization.jsonObject(with: Data(end.output.utf8))
    let checks = try #require((answer as? [String: Any])?["checks"] as? [[String: Any]])
    return checks.first { $0["name"] as? String == "last failure" }?["detail"] as? String
  }

  static let ways = [
    ("lab", #"{"plain": {"endpoint": "refused"}}"#, #"{"plain": {"endpoint": "open"}}"#, ""),
    (
      "sb1.prime", #"{"prime": {"endpoint": "refused"}}"#, #"{"prime": {"endpoint": "open"}}"#,
      ""
    ),
    (
      "dm-abc.dedalus", #"{"dedalus": {"endpoint": "refused"}}"#,
      #"{"dedalus": {"endpoint": "open"}}"#,
      "[dedalus]\nroute = \"jump\"\njump_target = \"127.0.0.1:PORT\"\n"
    ),
  ]

  /// Without a terminal it is said by the next `prepare`, once, shown by `check`, and gone after a login.
  @Test(arguments: ways)
  func failureIsSaidByTheNextPrepare(
    _ alias: String, _ down: String, _ up: String, _ configuration: String
  ) throws {
    let port = String(simulator.ports["plain"] ?? 0)
    try configure(configuration.replacing("PORT", with: port))
    let login = configuration.isEmpty ? [] : ["-l", "user"]
    let note = "sshproxy: note: \(alias): the last login failed "
    let folder = "\(TestHome.state)/sessions/\(alias)"
    try simulator.scenario(down)
    let first = try sshWithoutTerminal([alias, "true"])
    #expect(first.status == 255 && !first.errors.contains("sshproxy: "), "\(first)")
    let mode = try testHome.home.mode(of: "\(folder)/unheard")
    #expect(mode == 0o600)
    #expect(try lastFailure()?.hasPrefix("\(alias), ") == true)
    try simulator.scenario(up)
    let prepare = try testHome.sshproxy(["prepare", alias])
    #expect(prepare.status == 0 && prepare.errors.hasPrefix(note), "\(prepare)")
    #expect(prepare.errors.contains(" and could not say so: ") && prepare.errors.count < 400)
    #expect(prepare.errorLines("sshproxy: ").count == 1, "\(prepare)")
    #expect(try testHome.sshproxy(["prepare", alias]).errors == "")
    #expect(try lastFailure()?.contains(" ago, where nobody saw it: ") == true)
    let end = try testHome.ssh(login + [alias, "true"])
    #expect(end.status == 0 && end.errors == "", "\(end)")
    #expect(try lastFailure() == nil)
    #expect(!testHome.home.exists("\(folder)/unheard") && !testHome.home.exists("\(folder)/heard"))
  }

  /// What `prepare` says is never lost, so it is said once.
  @Test func failureThatPrepareHasSaidIsNotRepeated() throws {
    try configure()
    try simulator.scenario(#"{"prime": {"sandboxes": ["sb2"]}}"#)
    let end = try sshWithoutTerminal(["nobody.prime", "true"])
    #expect(end.errorLines("sshproxy: error: ").count == 1, "\(end)")
    #expect(!testHome.home.exists("\(TestHome.state)/sessions/nobody.prime/unheard"))
  }
}
