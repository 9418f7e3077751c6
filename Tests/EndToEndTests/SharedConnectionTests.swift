import Foundation
import TestSupport
import Testing

/// `multiplex`: logins that share a connection, by ssh's own means.
@Suite(.serialized, .timed) struct SharedConnectionTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private func configure(_ value: String) throws {
    let text = try #require(testHome.home.read(".config/sshproxy/config.toml"))
    let hosts = try #require(text.firstRange(of: "[hosts.lab]"))
    try testHome.configure(
      "[connection]\nmultiplex = \"\(value)\"\n\n" + text[hosts.lowerBound...])
  }

  /// A login's TCP connection, by the machine's words: addresses and ports.
  private func connection(_ alias: String) throws -> String {
    let end = try testHome.ssh([alias, "echo $SSH_CONNECTION"])
    #expect(end.status == 0 && end.errors == "", "\(end)")
    return end.output
  }

  private func expectOneMaster() {
    #expect(eventually { masters.count == 1 }, "\(testHome.processes)")
  }

  /// ssh's processes that wait for others' logins.
  private var masters: [HomeProcess] {
    testHome.processes.filter { $0.words.first?.hasPrefix("ssh: ") ?? false }
  }

  private func sockets() throws -> [String] {
    try FileManager.default.contentsOfDirectory(
      atPath: testHome.home.path(of: TestHome.state + "/mux"))
  }

  @Test(arguments: Machine.allCases)
  func areSharedByLogins(_ machine: Machine) throws {
    try configure("10m")
    try testHome.setUp()
    let first = try connection(machine.alias)
    #expect(try connection(machine.alias) == first)
    expectOneMaster()
    #expect(
      try testHome.ssh(["-S", "none", machine.alias, "echo $SSH_CONNECTION"]).output != first)
    let check = try testHome.sshproxy(
      ["check", "--ssh-config", testHome.sshConfiguration, machine.alias], within: 60)
    #expect(check.status == 0 && check.output.contains("kept for 600 s"), "\(check)")
    let ours = try testHome.sshproxy(
      ["ssh", machine.alias, "-F", testHome.sshConfiguration, "echo $SSH_CONNECTION"])
    #expect(ours.output == first, "\(ours)")
  }

  @Test func offIsTheDefault() throws {
    try testHome.setUp()
    #expect(try connection("sb1.prime") != connection("sb1.prime"))
    #expect(eventually { masters.isEmpty })
    let shown = try testHome.ssh(["-G", "sb1.prime"]).output
    #expect(!shown.contains("controlpath") && shown.contains("controlpersist no\n"), "\(shown)")
  }

  @Test(arguments: ["0m", "10", "m", "25h", "-1s", "10 m", "1d", "99999999999999999999s"])
  func otherTimesAreRefused(_ value: String) throws {
    try configure(value)
    let end = try testHome.sshproxy(["prepare", "sb1.prime"])
    #expect(end.status == 78 && end.errors.contains("\"10m\""), "\(end)")
  }

  /// A session that has expired takes its socket with it, and nobody comes in by its connection.
  @Test func aNewSessionHasAConnectionOfItsOwn() throws {
    try configure("10m")
    try testHome.setUp()
    let first = try connection("sb1.prime")
    let old = try sockets()
    #expect(old.count == 1)
    try testHome.home.age("sb1.prime", by: 10_000)
    #expect(try connection("sb1.prime") != first)
    #expect(
      eventually {
        _ = try? connection("sb1.prime")
        return (try? sockets()).map { Set($0).isDisjoint(with: old) } ?? false
      })
  }

  /// The user's own login name counts where it is theirs to give.
  @Test func othersLoginsAreNotShared() throws {
    try configure("1h")
    try testHome.setUp()
    func path(_ destination: String) throws -> Substring? {
      try testHome.ssh(["-G", destination]).output.split(separator: "\n")
        .first { $0.hasPrefix("controlpath ") }
    }
    let (one, other) = (try path("alice@lab"), try path("bob@lab"))
    #expect(one?.hasSuffix("-alice") == true && other?.hasSuffix("-bob") == true)
  }

  @Test(arguments: [Machine.primeToken, .dedalus, .fixedHost])
  func closeEndsIt(_ machine: Machine) throws {
    try configure("10m")
    try testHome.setUp()
    _ = try connection(machine.alias)
    expectOneMaster()
    #expect(try sockets().count == 1)
    let end = try testHome.sshproxy(["close", machine.alias])
    #expect(end.status == 0, "\(end)")
    #expect(eventually { masters.isEmpty }, "\(masters)")
    #expect(try sockets().isEmpty)
  }

  /// `close` cuts no connection that stands, and lets nobody else come in by it.
  @Test func closeLeavesWhoIsIn() throws {
    try configure("10m")
    try testHome.setUp()
    let first = try connection("sb1.prime")
    let mark = testHome.home.path(of: "mark")
    let running = try testHome.startSSH(
      ["sb1.prime", "echo in; until [ -e '\(mark)' ]; do sleep 0.05; done; echo out"])
    try #require(eventually { running.output == "in\n" })
    #expect(try testHome.sshproxy(["close", "sb1.prime"]).status == 0)
    #expect(try connection("sb1.prime") != first)
    #expect(try testHome.sshproxy(["close", "sb1.prime"]).status == 0)
    #expect(running.isRunning)
    try testHome.home.write("", to: "mark")
    #expect(running.end().status == 0)
    #expect(running.output == "in\nout\n")
    #expect(eventually { masters.isEmpty }, "\(masters)")
  }

  /// A socket's path has 108 bytes. Where there is no room, ssh works as without, and it is said.
  @Test func isLeftOutWhereThePathIsTooLong() throws {
    try configure("10m")
    testHome.environment["XDG_STATE_HOME"] = testHome.home.path(
      of: "a-directory-with-a-long-name/and-another-one-that-is-below-it")
    let setup = try testHome.sshproxy(["setup", "--ssh-config", testHome.sshConfiguration])
    let hint = "set XDG_STATE_HOME to a shorter path, and run `sshproxy setup` again"
    #expect(setup.status == 0 && setup.errors.contains(hint), "\(setup)")
    #expect(try connection("sb1.prime") != connection("sb1.prime"))
    let check = try testHome.sshproxy(["check", "--ssh-config", testHome.sshConfiguration])
    #expect(check.output.contains("look   multiplex") && check.output.contains(hint), "\(check)")
    // The hint, followed.
    testHome.environment["XDG_STATE_HOME"] = testHome.home.path(of: "s")
    #expect(
      try testHome.sshproxy(["setup", "--ssh-config", testHome.sshConfiguration]).errors == "")
    #expect(try connection("sb1.prime") == connection("sb1.prime"))
  }
}
