import Foundation
import TestSupport
import Testing

/// Daytona: a token is the login name, and stands in the files of its session alone.
@Suite(.serialized, .timed) struct SecretLoginTests {
  static let shared = SharedSimulator()
  static let sandbox = "b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e"
  let simulator: Simulator
  let testHome: TestHome
  let alias = "\(sandbox).daytona"

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome(simulator)
    try testHome.configure("[hosts.box]\nprovider = \"daytona\"\nid = \"\(Self.sandbox)\"\n")
    try testHome.setUp()
  }

  private func expectSecret(_ said: [String], _ sightings: Set<[String]> = []) throws {
    let tokens = try testHome.home.secretLogins
    try #require(!tokens.isEmpty && tokens.allSatisfy { $0.count == 32 }, "\(tokens)")
    for token in tokens {
      for text in said { #expect(!text.contains(token), "\(text)") }
      for words in sightings { #expect(!words.joined(separator: " ").contains(token), "\(words)") }
      let names = try FileManager.default.subpathsOfDirectory(atPath: testHome.home.path)
      let holders = names.filter { testHome.home.read($0)?.contains(token) == true }
      for name in holders {
        #expect(
          ["session.json", "ssh_config"].contains((name as NSString).lastPathComponent), "\(name)")
        #expect(try testHome.home.mode(of: name) == 0o600, "\(name)")
        #expect(!name.contains(token))
      }
      #expect(holders.count >= 3, "\(holders)")
    }
  }

  @Test func logsInColdAndWarm() throws {
    for _ in 1...2 {
      let end = try testHome.ssh([alias, "echo hello"])
      #expect(end.status == 0 && end.output == "hello\n" && end.errors == "", "\(end)")
    }
    #expect(try simulator.requests().filter { $0.path.hasSuffix("/ssh-access") }.count == 1)
    let upper = try testHome.ssh(["box", "echo hello"])
    #expect(upper.output == "hello\n", "\(upper)")
  }

  /// The user's own ControlPath may have the login in it (`%r`): a file's name, and the master's title.
  @Test func noConnectionIsSharedByTheUsersOwnSettings() throws {
    let text = testHome.home.read("ssh_config") ?? ""
    let folder = testHome.home.path(of: "")
    try testHome.home.write(
      text
        + "\nHost *\n    ControlMaster auto\n    ControlPersist 5\n    ControlPath \"\(folder)cm-%r\"\n",
      to: "ssh_config", mode: 0o600)
    #expect(try testHome.ssh([alias, "true"]).status == 0)
    let token = try #require(try testHome.home.secretLogins.first)
    let names = try FileManager.default.subpathsOfDirectory(atPath: testHome.home.path)
    #expect(!names.contains { $0.contains(token) || $0.hasPrefix("cm-") }, "\(names)")
    for process in testHome.processes { #expect(!process.words.joined().contains(token)) }
  }

  @Test func theServerSeesNoKeyOfTheUsers() throws {
    #expect(try testHome.ssh([alias, "true"]).status == 0)
    let token = try #require(try testHome.home.secretLogins.first)
    try simulator.forget(token)
    let end = try testHome.ssh(["-vv", alias, "true"])
    #expect(end.status == 255 && end.errors.contains("Permission denied"), "\(end)")
    #expect(!end.errors.contains("Offering public key"), "\(end)")
    #expect(!end.errors.contains("Next authentication method: publickey"), "\(end)")
  }

  /// With lines that many people have. `ps` shows everybody the title of a master, which is its socket's path.
  @Test(arguments: [true, false]) func noSharedConnectionIsNamedAfterIt(byOurOwn: Bool) throws {
    let own = try #require(testHome.home.read("ssh_config"))
    let path = testHome.home.path(of: "cm-%r@%n")
    try testHome.home.write(
      own + "\nHost *\n    ControlMaster auto\n    ControlPath \(path)\n    ControlPersist 20\n",
      to: "ssh_config")
    let end =
      byOurOwn
      ? try testHome.sshproxy(["ssh", "box", "-F", testHome.sshConfiguration, "echo hello"])
      : try testHome.ssh(["box", "echo hello"])
    #expect(end.status == 0 && end.output == "hello\n", "\(end)")
    try expectSecret([end.errors], Set(testHome.processes.map(\.words)))
    let names = try FileManager.default.contentsOfDirectory(atPath: testHome.home.path)
    #expect(!names.contains { $0.hasPrefix("cm-") }, "\(names)")
    let check = try testHome.sshproxy(["check", "box", "--ssh-config", testHome.sshConfiguration])
    #expect(check.status == 0, "\(check)")
  }

  /// Every command, and every process that they start.
  @Test func nowhereButInItsFiles() throws {
    try testHome.ownHome()
    try testHome.home.write(
      testHome.home.read("ssh_config") ?? "", to: ".ssh/config", mode: 0o600)
    var said: [String] = []
    var seen: Set<[String]> = []
    let mark = testHome.home.path(of: "mark")
    func isSeen() -> Bool {
      seen.contains { $0.first?.hasSuffix("ssh") == true && $0.contains("-F") }
    }
    func run(_ words: [String], status: Int32 = 0) throws {
      let program = try testHome.start(BuiltProgram.sshproxy, words)
      while program.isRunning {
        for process in testHome.processes { seen.insert(process.words) }
        if isSeen() { try testHome.home.write("", to: "mark") }
      }
      let end = program.end()
      #expect(end.status == status, "\(words): \(end)")
      said += [end.output, end.errors]
    }
    try run(["-v", "prepare", alias])
    try run(["resolve", alias])
    try run(["resolve", "--json", alias])
    try run(["resolve", "--ssh-config", alias], status: 64)
    try run(["sessions"])
    try run(["sessions", "--json"])
    try run(["-v", "exec", alias, "--accept-new", "--", "true"])
    try run(["-v", "exec", "root@\(alias)", "--", "true"])
    try run(["-v", "ssh", alias, "until [ -e '\(mark)' ]; do sleep 0.05; done"])
    try run(["-v", "check", alias, "--ssh-config", testHome.sshConfiguration])
    let note = try testHome.ssh(["root@\(alias)", "true"])
    #expect(note.errors.contains("its login is a secret, given by the provider"), "\(note)")
    said += [note.errors.split(separator: "\n").filter { $0.hasPrefix("sshproxy") }.joined()]
    #expect(isSeen(), "\(seen)")
    try expectSecret(said, seen)
    // Its login fails: ssh names the login, `check` does not.
    try simulator.forget(try #require(try testHome.home.secretLogins.first))
    said = []
    try run(["check", alias, "--ssh-config", testHome.sshConfiguration], status: 77)
    #expect(said.joined().contains("***@"), "\(said)")
    try run(["-v", "exec", alias, "--", "true"], status: 255)
    try expectSecret(said, seen)
  }

  /// Through Daytona's gateway to a sandbox's own sshd, where the user's own key logs in: the token goes to the
  /// gateway, by libssh2, and ssh's block has none.
  @Test func theJumpRouteLogsInByIt() throws {
    let first = try testHome.sshproxy(["exec", "--accept-new", alias, "--", "true"])
    try #require(first.status == 0, "\(first)")
    let port = simulator.ports["plain"] ?? 0
    try testHome.configure(
      "[connection]\nmultiplex = \"10m\"\n"
        + "[daytona]\nroute = \"jump\"\njump_target = \"127.0.0.1:\(port)\"\n")
    try testHome.setUp()
    let program = try testHome.start(
      TestHome.ssh,
      ["-F", testHome.sshConfiguration, "-o", "User=user", alias, "echo $USER; sleep 1"])
    var seen: Set<[String]> = []
    while program.isRunning { for process in testHome.processes { seen.insert(process.words) } }
    let end = program.end(within: 20)
    #expect(end.status == 0 && end.output == "user\n", "\(end)")
    #expect(seen.contains { $0.joined(separator: " ").contains("sshproxy") }, "\(seen)")
    let token = try #require(try testHome.home.secretLogins.first)
    #expect(!seen.contains { $0.joined(separator: " ").contains(token) }, "\(seen)")
    #expect(!end.errors.contains(token), "\(end)")
    let block = testHome.home.read("\(TestHome.state)/ssh_config") ?? ""
    #expect(block.contains("Host ") && !block.contains(token), "\(block)")
    // Its connection is shared, for the login there is the user's own; `close` ends that, too.
    let isShared = { [testHome] in
      testHome.processes.contains { $0.words.first?.hasPrefix("ssh: ") ?? false }
    }
    #expect(isShared())
    #expect(try testHome.sshproxy(["close", alias]).status == 0)
    #expect(eventually { !isShared() }, "\(testHome.processes)")
  }

  @Test func startsWhatIsStoppedAndRevokesAtTheEnd() throws {
    try simulator.scenario(
      #"{"daytona": {"states": ["stopped"], "start_states": ["starting", "started"]}}"#)
    let end = try testHome.sshproxy(["exec", "--accept-new", alias, "--", "echo hello"])
    #expect(end.status == 0 && end.output == "hello\n", "\(end)")
    let token = try #require(try testHome.home.secretLogins.first)
    let closed = try testHome.sshproxy(["-v", "close", alias])
    #expect(closed.status == 0 && !closed.errors.contains(token), "\(closed)")
    let last = try #require(try simulator.requests().last)
    #expect(last.method == "DELETE" && last.path.contains("/ssh-access"), "\(last)")
    #expect(
      try testHome.ssh([
        "-o", "User=\(token)", "-p", "\(simulator.ports["daytona"] ?? 0)",
        "127.0.0.1", "true",
      ]).status == 255)
    #expect(try testHome.home.secretLogins.isEmpty)
  }
}
