import Foundation
import TestSupport
import Testing

/// TensorPool names a host to go through, and may name any host of the user's as the one behind it.
@Suite(.serialized, .timed) struct JumpHostTests {
  static let shared = SharedSimulator()
  static let alias = "node1.tensorpool"
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
    // What the user has for hosts of their own, of which the answer names one.
    let own = """

      Match host localhost
          ForwardAgent yes
          PermitLocalCommand yes
          LocalCommand touch \(testHome.home.path)/local-command
      Host *
          ControlMaster auto
          ControlPersist 10
          ControlPath \(testHome.home.path)/%r@%h:%p

      """
    let text = try #require(testHome.home.read("ssh_config"))
    try testHome.home.write(text + own, to: "ssh_config", mode: 0o644)
    try testHome.setUp()
    try simulator.scenario(
      #"""
      {"tensorpool": {"command": "ssh -J {login}@{host}:{port} -p {port} {login}@localhost"}}
      """#)
  }

  @Test(.enabled(if: BuiltProgram.seesCallers)) func theHostBehindItIsNoneOfTheUsersOwn() throws {
    let shown = try testHome.ssh(["-G", Self.alias]).output.split(separator: "\n")
    for line in ["hostname \(Self.alias)", "forwardagent no", "permitlocalcommand no"] {
      #expect(shown.contains { $0 == line }, "\(line)")
    }
    #expect(!shown.contains { $0.hasPrefix("proxyjump ") })
    let end = try testHome.ssh([Self.alias, "echo $USER"])
    #expect(end.status == 0 && end.output == "ubuntu\n", "\(end)")
    let port = simulator.ports["tensorpool"] ?? 0
    let known = testHome.home.read("known_hosts") ?? ""
    #expect(known.contains("\(Self.alias)_localhost_\(port) "), "\(known)")
    #expect(!known.contains("[localhost]:\(port)"), "\(known)")
    #expect(!FileManager.default.fileExists(atPath: testHome.home.path(of: "local-command")))
    // Another ssh of the user's would find this connection under the name of its own host.
    let names = testHome.home.names(in: "").filter { $0.contains("@") }
    #expect(names.contains("ubuntu@\(Self.alias):22"), "\(names)")
    #expect(!names.contains { $0.hasPrefix("ubuntu@localhost") }, "\(names)")
  }

  @Test(.enabled(if: BuiltProgram.seesCallers)) func allWaysLeadThroughIt() throws {
    let direct = try testHome.sshproxy([
      "ssh", Self.alias, "-F", testHome.sshConfiguration, "echo $USER",
    ])
    #expect(direct.status == 0 && direct.output == "ubuntu\n", "\(direct)")
    let block = try testHome.sshproxy(["resolve", "--ssh-config", Self.alias])
    let port = simulator.ports["tensorpool"] ?? 0
    #expect(
      block.output.contains("connect --only-behind 'localhost:\(port)' '\(Self.alias)'"),
      "\(block)")
    for word in ["ProxyJump", "HostName", "localhost\n"] {
      #expect(!block.output.contains(word), "\(block)")
    }
    let exec = try testHome.sshproxy(["exec", Self.alias, "--", "true"])
    #expect(exec.status == 255 && exec.errors.contains("only OpenSSH can do"), "\(exec)")
  }

  /// The machine has the alias in its name, and what has changed may be the host in between: the user is not told
  /// to forget the key of whatever host the answer names.
  @Test(.enabled(if: BuiltProgram.seesCallers)) func nobodyIsToldToForgetTheKeyOfAnotherHost()
    throws
  {
    // A connection that is kept would not ask the host in between again.
    let plain = try #require(testHome.home.read("ssh_config")).replacing(
      "ControlPersist 10", with: "ControlPersist no")
    try testHome.home.write(plain, to: "ssh_config", mode: 0o600)
    #expect(try testHome.ssh([Self.alias, "true"]).status == 0)
    let known = try #require(testHome.home.read("known_hosts")).split(separator: "\n")
    let other =
      "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"
    for isMachine in [true, false] {
      let lines = known.map { line in
        line.hasPrefix(Self.alias) == isMachine
          ? line.split(separator: " ")[0] + " " + other : line[...]
      }
      try testHome.home.write(lines.joined(separator: "\n") + "\n", to: "known_hosts", mode: 0o600)
      let end = try testHome.sshproxy(
        ["check", "--ssh-config", testHome.sshConfiguration, Self.alias], within: 60)
      #expect(end.output.contains("remove its old key from known_hosts"), "\(end)")
      #expect(!end.output.contains("ssh-keygen"), "\(end)")
    }
  }

  /// Of a session without one, ssh has read the machine's own name: whoever is behind a host of the provider's
  /// would get its key recorded under that.
  @Test(arguments: ["static", "dropped", "replaced", "ours", "unprepared"])
  func whatWasReadOfADirectOneLeadsThroughNone(_ way: String) throws {
    let plain = try #require(testHome.home.read("ssh_config")).replacing(
      "ControlPersist 10", with: "ControlPersist no")
    try testHome.home.write(plain, to: "ssh_config", mode: 0o600)
    // What passes no socket can be handed over to another ssh.
    try testHome.setUp(fdpass: false)
    let through =
      #"{"tensorpool": {"command": "ssh -J {login}@{host}:{port} -p {port} {login}@localhost"}}"#
    try simulator.scenario(
      #"{"tensorpool": {"command": "ssh -p {port} {login}@localhost"}}"#)
    let block = try testHome.sshproxy(["resolve", "--create", "--ssh-config", Self.alias])
    #expect(block.status == 0 && block.output.contains("--only-to"), "\(block)")
    try simulator.scenario(through)
    let change = try testHome.home.write(
      """
      name=$(readlink '\(testHome.home.path(of: TestHome.state))/sessions/\(Self.alias)/current')
      '\(BuiltProgram.sshproxy)' prepare --drop "$name" \(Self.alias) </dev/null >/dev/null
      test \(way) = dropped || '\(BuiltProgram.sshproxy)' prepare \(Self.alias)

      """, to: "change")
    var lines = (testHome.home.read("ssh_config") ?? "").split(separator: "\n").map(String.init)
    let end: ProgramEnd
    switch way {
    case "static":
      _ = try testHome.shell("sh '\(change)'")
      lines.insert(block.output, at: 0)
      end = try sshReading(lines)
    case "dropped":
      lines.insert("Match originalhost \(Self.alias) exec \"sh '\(change)'\"", at: 1)
      end = try sshReading(lines)
    case "unprepared":
      // Its own `prepare` fails; what has ended stands in the plain file.
      try testHome.home.age(Self.alias, by: 10_000)
      try testHome.configure("[connection]\ndeadline = 1\n")
      let holder = try testHome.holdLock("sessions/\(Self.alias)/lock", for: 2)
      lines.insert(
        "Match originalhost \(Self.alias) exec \"sleep 2; sh '\(change)'\"", at: 1)
      end = try sshReading(lines)
      _ = holder.end()
    case "replaced":
      // It is asked about while it is silent.
      try testHome.home.write("", to: "\(TestHome.state)/sessions/\(Self.alias)/current/answered")
      let record = "\(TestHome.state)/sessions/\(Self.alias)/current/record"
      let text = try #require(testHome.home.read(record))
      let silent = try LoopbackListener()
      let port = simulator.ports["tensorpool"] ?? 0
      try testHome.home.write(
        text.replacing("address 127.0.0.1 \(port)", with: "address 127.0.0.1 \(silent.port)")
          .replacing("address ::1 \(port)", with: "address 127.0.0.1 \(silent.port)"),
        to: record, mode: 0o600)
      let ssh = try testHome.startSSH([Self.alias, "true"])
      _ = try silent.accept()
      _ = try testHome.shell("sh '\(change)'")
      end = ssh.end()
    default:
      try testHome.home.write(
        "#!/bin/sh\nsh '\(change)'\nexec \(TestHome.ssh) \"$@\"\n", to: "tools/ssh", mode: 0o755)
      testHome.environment["PATH"] = "\(testHome.home.path(of: "tools")):/usr/bin:/bin"
      end = try testHome.sshproxy(["ssh", Self.alias, "-F", testHome.sshConfiguration, "true"])
    }
    #expect(end.status == 255, "\(end)")
    let words = way == "unprepared" ? "ssh has read nothing of it" : "at another place by now"
    #expect(end.errors.contains(words), "\(end)")
    #expect(testHome.home.read("known_hosts")?.contains("localhost]") != true)
  }

  private func sshReading(_ lines: [String]) throws -> ProgramEnd {
    let file = try testHome.home.write(
      lines.joined(separator: "\n") + "\n", to: "other_config", mode: 0o600)
    return try testHome.start(TestHome.ssh, ["-F", file, Self.alias, "true"]).end()
  }

  /// ssh records the key of a second one under that one's name, and the first could answer in its place.
  @Test func ofSeveralNoneIsTaken() throws {
    try simulator.scenario(
      #"""
      {"tensorpool": {"command": "ssh -J {login}@{host}:{port},{login}@localhost:{port} {login}@localhost"}}
      """#)
    let end = try testHome.ssh([Self.alias, "true"])
    #expect(end.status == 255 && end.errors.contains("leads through 2 hosts"), "\(end)")
    #expect(testHome.home.read("known_hosts") == nil)
  }

  /// A host of the user's own that is reached through the very alias.
  @Test(.enabled(if: BuiltProgram.seesCallers)) func aWayThroughItselfEnds() throws {
    let own = "Host *.internal\n    ProxyJump \(Self.alias)\n"
    let text = try #require(testHome.home.read("ssh_config"))
    // With ControlPersist, ssh throws away what its ProxyCommand says.
    let plain = text.replacing("ControlPersist 10", with: "ControlPersist no")
    try testHome.home.write(own + plain, to: "ssh_config", mode: 0o644)
    try testHome.setUp()
    try simulator.scenario(
      #"{"tensorpool": {"command": "ssh -J root@a.internal {login}@localhost"}}"#)
    let end = try testHome.ssh([Self.alias, "true"])
    try end.expectTime(within: 15)
    #expect(end.status == 255, "\(end)")
    #expect(end.errors.contains("leads through \(Self.alias) itself"), "\(end)")
    #expect(eventually { testHome.processes.isEmpty }, "\(testHome.processes)")
  }
}
