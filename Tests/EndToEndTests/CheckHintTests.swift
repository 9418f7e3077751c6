import Foundation
import TestSupport
import Testing

/// What the hints of `check` say, done, ends in a login.
@Suite(.serialized, .timed) struct CheckHintTests: HintSuite {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private var configuration: String { testHome.home.read("ssh_config") ?? "" }

  private func write(_ text: String) throws {
    try testHome.home.write(text, to: "ssh_config", mode: 0o644)
  }

  /// Lines in front of ours, or ours not as they would be now: `setup` is the cure.
  @Test(arguments: [
    "Host sb1.prime\n    User other\n", "Host *\n    IdentityFile /nowhere\n",
    "Host sb1.prime\n    ProxyCommand /bin/false\n",
  ])
  func linesInFront(_ lines: String) throws {
    try testHome.setUp()
    try write(lines + configuration)
    let text = try check("sb1.prime")
    #expect(text.contains("does not include") && text.contains("setup"), "\(text)")
    try testHome.setUp()
    try expectLogin()
  }

  @Test func ownFileThatIsBehind() throws {
    try testHome.setUp()
    try testHome.configure(
      (testHome.home.read(".config/sshproxy/config.toml") ?? "")
        + "[hosts.late]\nprovider = \"prime\"\nid = \"sb2\"\n")
    let text = try check()
    #expect(text.contains("ssh does not call sshproxy for late"), "\(text)")
    try testHome.setUp()
    try expectLogin("late")
  }

  @Test func configurationThatSSHCannotRead() throws {
    try testHome.setUp()
    let good = configuration
    try write(good + "Hots x\n")
    let line = good.count { $0 == "\n" } + 1
    let text = try check()
    #expect(text.contains("correct it where ssh says"), "\(text)")
    #expect(text.contains("line \(line): Bad configuration option: hots"), "\(text)")
    try write(good)
    try expectLogin()
  }

  @Test(arguments: [
    (".local/state/sshproxy/ssh_config", 0o644), (".config/sshproxy/config.toml", 0o666),
    (".local/state/sshproxy", 0o777), (".config/sshproxy", 0o777),
  ])
  func modes(_ file: String, _ mode: Int) throws {
    try testHome.setUp()
    try expectLogin()
    try FileManager.default.setAttributes(
      [.posixPermissions: mode], ofItemAtPath: testHome.home.path(of: file))
    let text = try check()
    let line = try #require(
      text.split(separator: "\n").first { $0.contains("→ chmod") || $0.contains("→ `chmod") },
      "\(text)")
    let command = line.drop { $0 != "→" }.dropFirst().filter { $0 != "`" }
    #expect(try testHome.shell(String(command)).status == 0, "\(command)")
    let after = try testHome.sshproxy(
      ["check", "--ssh-config", testHome.sshConfiguration], within: 60)
    #expect(after.status == 0, "\(after)")
    try expectLogin()
  }

  /// Prime's gateway takes the port away with the session, Dedalus's refuses the key. The provider's verdict
  /// comes first: nothing is waited for until the deadline.
  @Test(arguments: [Machine.primeToken, .dedalus])
  func sessionThatWasForgotten(_ machine: Machine) throws {
    try testHome.configure("[connection]\ndeadline = 60\n")
    try testHome.setUp()
    try expectLogin(machine.alias)
    try simulator.forgetAll()
    let end = try testHome.sshproxy(
      ["check", "--ssh-config", testHome.sshConfiguration, machine.alias])
    try end.expectTime(within: 15)
    #expect(end.status == 0, "\(end)")
    #expect(end.output.contains("nothing to do: a new one takes its place"), "\(end)")
    try expectLogin(machine.alias)
  }

  /// A session that the provider cannot be asked about.
  @Test func sessionThatWasForgottenAndCannotBeAskedAbout() throws {
    try testHome.configure("[connection]\ndeadline = 4\n")
    try testHome.setUp()
    try expectLogin("vm1.prime")
    try simulator.forgetAll()
    let text = try check("vm1.prime")
    #expect(
      text.contains("is the machine running? `sshproxy close` and a new session may help"),
      "\(text)")
    #expect(try testHome.sshproxy(["close", "vm1.prime"]).status == 0)
    try expectLogin("vm1.prime")
  }

  /// The machine refuses the key of a session that its provider has.
  @Test func keyThatIsRefused() throws {
    try testHome.setUp()
    try expectLogin()
    let key = "\(TestHome.state)/sessions/sb1.prime/current/key"
    let other = try #require(
      FileManager.default.contents(atPath: simulator.userKey).map {
        String(decoding: $0, as: UTF8.self)
      })
    try testHome.home.write(other, to: key)
    let text = try check("sb1.prime")
    #expect(
      text.contains("`sshproxy close sb1.prime`, then try again with a new session"), "\(text)")
    #expect(try testHome.sshproxy(["close", "sb1.prime"]).status == 0)
    try expectLogin()
  }

  @Test func keyThatTheMachineDoesNotHave() throws {
    let identity = "    IdentityFile \"\(simulator.userKey)\"\n"
    try write(configuration.replacing(identity, with: ""))
    try testHome.setUp()
    let text = try check("node1.tensorpool")
    #expect(text.contains("is your key at the machine, and in the agent or named by"), "\(text)")
    try write(configuration + identity)
    try expectLogin("node1.tensorpool")
  }

  @Test func nameOfBoth() throws {
    let hosts = "[hosts.lab]\nprovider = \"prime\"\nid = \"sb1\"\n"
    try write("Host lab\n    HostName 192.0.2.1\n" + configuration)
    try testHome.configure(hosts)
    try testHome.setUp()
    let text = try check()
    #expect(text.contains("rename one of the two, then run `sshproxy setup`"), "\(text)")
    try testHome.configure(hosts.replacing("hosts.lab", with: "hosts.lab-prime"))
    try testHome.setUp()
    #expect(!(try check()).contains("rename one"))
    try expectLogin("lab-prime")
  }
}
