import Foundation
import SystemIO
import TestSupport
import Testing

/// A hint is right when whoever follows it logs in. Each test breaks something, reads the hint, does
/// what it says and logs in. `Tests/HINTS.md` has the hints of the whole program.
@Suite(.serialized, .timed) struct HintTests: HintSuite {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// The hint of a run that fails.
  private func hint(_ words: [String]) throws -> String {
    let end = try testHome.sshproxy(words)
    #expect(end.status != 0, "\(end)")
    return try #require(end.errorLines("sshproxy: hint: ").first, "\(end)")
  }

  /// Runs the commands that stand in backquotes, as whoever reads it would.
  private func follow(_ hint: String) throws {
    let commands = hint.split(separator: "`", omittingEmptySubsequences: false).enumerated()
      .filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element) }
    try #require(!commands.isEmpty, "\(hint)")
    for command in commands where !command.hasPrefix("ssh ") {
      let function = "sshproxy() { '\(BuiltProgram.sshproxy)' \"$@\"; }\n"
      let end = try testHome.shell(function + command)
      #expect(end.status == 0, "\(command): \(end)")
    }
  }

  private static let otherKey =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f"

  /// The session's own known hosts, with another key than the host has.
  private func spoilKnownHosts() throws {
    let folder = "\(TestHome.state)/sessions/sb1.prime/current"
    let text = try #require(testHome.home.read("\(folder)/known_hosts"))
    let name = try #require(text.split(separator: " ").first)
    try testHome.home.write("\(name) \(Self.otherKey)\n", to: "\(folder)/known_hosts", mode: 0o600)
  }

  @Test func changedKeyOfASession() throws {
    try testHome.setUp()
    try expectLogin()
    try spoilKnownHosts()
    let text = try hint(["exec", "sb1.prime", "--", "true"])
    #expect(text.contains("`sshproxy close` its alias") && !text.contains("ssh-keygen"), "\(text)")
    #expect(try testHome.sshproxy(["close", "sb1.prime"]).status == 0)
    #expect(try testHome.sshproxy(["exec", "sb1.prime", "--", "true"]).status == 0)
    try expectLogin()
  }

  @Test func changedKeyOfASessionInCheck() throws {
    try testHome.setUp()
    try expectLogin()
    try spoilKnownHosts()
    let text = try check("sb1.prime")
    #expect(text.contains("`sshproxy close sb1.prime` makes a new session"), "\(text)")
    #expect(try testHome.sshproxy(["close", "sb1.prime"]).status == 0)
    try expectLogin()
  }

  /// ssh never asks about a key that has changed: the old one has to be forgotten first.
  @Test func changedKeyOfTheUsersHost() throws {
    try testHome.setUp()
    try expectLogin("node1.tensorpool")
    let text = try #require(testHome.home.read("known_hosts"))
    let name = try #require(text.split(separator: " ").first)
    try testHome.home.write("\(name) \(Self.otherKey)\n", to: "known_hosts", mode: 0o600)
    let report = try check("node1.tensorpool")
    let line = try #require(
      report.split(separator: "\n").first { $0.contains("ssh-keygen") }, "\(report)")
    #expect(line.contains("-R '\(name)'"))
    try follow(String(line))
    try expectLogin("node1.tensorpool")
  }

  @Test func changedKeyOfTheUsersHostInExec() throws {
    let words = ["exec", "node1.tensorpool", "--", "true"]
    testHome.environment["SSH_AUTH_SOCK"] = nil
    let unknown = try hint(words)
    #expect(unknown.contains("`sshproxy exec --accept-new`"), "\(unknown)")
    let accepting = ["exec", "--accept-new", "node1.tensorpool", "--", "true"]
    _ = try testHome.sshproxy(accepting)
    let text = try #require(testHome.home.read(".ssh/known_hosts"))
    let name = try #require(text.split(separator: " ").first)
    try testHome.home.write("\(name) \(Self.otherKey)\n", to: ".ssh/known_hosts", mode: 0o600)
    let changed = try hint(words)
    #expect(changed.contains("`ssh-keygen -R '\(name)'`"), "\(changed)")
    // Where the password file names another home, ssh-keygen looks there.
    try testHome.ownHome()
    try follow(changed)
    #expect(testHome.home.read(".ssh/known_hosts")?.contains(Self.otherKey) == false)
    try testHome.setUp()
    try expectLogin("node1.tensorpool")
  }

  /// The clock that is wrong is the simulator's here; set, both are the same.
  @Test(arguments: ["not_yet", "expired"])
  func certificateOfAnotherTime(_ kind: String) throws {
    try simulator.scenario("{\"dedalus\": {\"certificate\": \"\(kind)\"}}")
    try testHome.setUp()
    let text = try hint(["prepare", "dm-abc.dedalus"])
    #expect(text == "sshproxy: hint: set this computer's clock, and run it again")
    try simulator.scenario("{\"dedalus\": {\"certificate\": \"good\"}}")
    try expectLogin("dm-abc.dedalus")
  }

  @Test func stateWhereSSHCannotReadIt() throws {
    testHome.environment["XDG_STATE_HOME"] = testHome.home.path(of: "a\"b")
    let text = try hint(["prepare", "sb1.prime"])
    #expect(text.contains("set XDG_STATE_HOME to a directory without it"), "\(text)")
    testHome.environment["XDG_STATE_HOME"] = testHome.home.path(of: "other")
    try testHome.setUp()
    // Another process, with another environment.
    testHome.environment["XDG_STATE_HOME"] = nil
    try expectLogin()
    #expect(testHome.home.read("other/sshproxy/ssh_config")?.contains("sb1.prime") == true)
  }

  @Test func stateThatOthersCanWrite() throws {
    let shared = testHome.home.path(of: "shared")
    try FileManager.default.createDirectory(
      atPath: shared + "/sshproxy", withIntermediateDirectories: true,
      attributes: [.posixPermissions: 0o700])
    testHome.environment["XDG_STATE_HOME"] = shared
    try testHome.setUp()
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: shared)
    let text = try hint(["prepare", "sb1.prime"])
    #expect(text.contains("or set XDG_STATE_HOME and run `sshproxy setup` again"), "\(text)")
    try follow(try #require(text.split(separator: ", or set").first.map(String.init)))
    try expectLogin()
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: shared)
    testHome.environment["XDG_STATE_HOME"] = testHome.home.path(of: "own")
    try testHome.setUp()
    try expectLogin()
  }

  /// Mistakes in config.toml: what is written, what the hint or the message has, what is written then.
  static let mistakes = [
    ("[primee]\nttl = 5\n", "did you mean \"prime\"?", "[prime]\nttl = 500\n"),
    (
      "[hosts.a.b]\nprovider = \"prime\"\nid = \"sb1\"\n", "write [hosts.\"a.b\"]",
      "[hosts.\"a.b\"]\nprovider = \"prime\"\nid = \"sb1\"\n"
    ),
    (
      "[hosts.close]\nprovider = \"prime\"\nid = \"sb1\"\n", "for example close-host",
      "[hosts.close-host]\nprovider = \"prime\"\nid = \"sb1\"\n"
    ),
    (
      "[hosts.x]\nprovider = \"static\"\nhost = \"a@b\"\n", "the port goes into \"port\"",
      "[hosts.x]\nprovider = \"static\"\nhost = \"b\"\n"
    ),
    (
      "[hosts.x]\nprovider = \"dedalus\"\nid = \"abc\"\n", "a Dedalus id looks like dm-",
      "[hosts.x]\nprovider = \"dedalus\"\nid = \"dm-abc\"\n"
    ),
    ("[connection]\nthrough = \"ftp://x\"\n", "or direct", "[connection]\nthrough = \"direct\"\n"),
    (
      "[dedalus]\nroute = \"jump\"\njump_target = \"x:y\"\n", "write it like localhost:22",
      "[dedalus]\nroute = \"jump\"\njump_target = \"localhost:22\"\n"
    ),
    ("[dedalus]\nbase_url = \"x.example\"\n", "write it like https://api.example.com", ""),
    ("[connection]\ndeadline = 0\n", "edit ", "[connection]\ndeadline = 60\n"),
    (
      "[prime]\napi_key = \"a\"\napi_key_command = \"b\"\n", "keep one of them",
      "[prime]\napi_key_command = \"b\"\n"
    ),
  ]

  @Test(arguments: mistakes)
  func mistakesInTheConfiguration(_ wrong: String, _ said: String, _ right: String) throws {
    try testHome.configure(wrong)
    let end = try testHome.sshproxy(["prepare", "sb1.prime"])
    #expect(end.status == 78 && end.errors.contains(said), "\(end)")
    try testHome.configure(right)
    try testHome.setUp()
    try expectLogin()
  }

  @Test func filesThatOthersCanReadOrWrite() throws {
    let path = ".config/sshproxy/config.toml"
    let key = try #require(testHome.environment["PRIME_API_KEY"])
    testHome.environment["PRIME_API_KEY"] = nil
    try testHome.configure("[prime]\napi_key = \"\(key)\"\n", mode: 0o644)
    let readable = try hint(["prepare", "sb1.prime"])
    #expect(
      readable == "sshproxy: hint: chmod 600 \(testHome.home.path(of: path))", "\(readable)")
    #expect(try testHome.shell(String(readable.dropFirst("sshproxy: hint: ".count))).status == 0)
    try testHome.setUp()
    try expectLogin()
    try testHome.configure("", mode: 0o666)
    let writable = try hint(["prepare", "sb2.prime"])
    #expect(try testHome.shell(String(writable.dropFirst("sshproxy: hint: ".count))).status == 0)
    testHome.environment["PRIME_API_KEY"] = key
    try expectLogin("sb2.prime")
  }

  /// What is to be copied is one word of the shell, whatever is in the path.
  @Test func aPathThatAShellWouldTakeApart() throws {
    let file = "it's $HOME/sshproxy/config.toml"
    testHome.environment["XDG_CONFIG_HOME"] = testHome.home.path(of: "it's $HOME")
    try testHome.home.write("[prime]\napi_key = \"pit_1\"\n", to: file, mode: 0o644)
    let text = try hint(["prepare", "sb1.prime"])
    #expect(
      try testHome.shell(String(text.dropFirst("sshproxy: hint: ".count))).status == 0, "\(text)")
    let status = try #require(FileStatus(of: testHome.home.path(of: file)))
    #expect(status.permissions == 0o600, "\(text)")
  }

  @Test func keyThatIsMissing() throws {
    let key = try #require(testHome.environment["PRIME_API_KEY"])
    testHome.environment["PRIME_API_KEY"] = nil
    try testHome.setUp()
    #expect(
      try hint(["prepare", "sb1.prime"]).contains("run `sshproxy login prime`, or set PRIME"))
    let file = try testHome.home.write(key, to: "typed")
    let login = try testHome.start(BuiltProgram.sshproxy, ["login", "prime"], input: .file(file))
      .end(within: 20)
    #expect(login.status == 0, "\(login)")
    try expectLogin()
  }

  @Test(arguments: [("sb1.prmie", "sb1.prime"), ("lba", "lab"), ("node1", "node1.tensorpool")])
  func namesThatAreMisspelt(_ wrong: String, _ right: String) throws {
    try testHome.setUp()
    let text = try hint(["ssh", wrong, "true"])
    #expect(text.contains("did you mean ") && text.contains(right), "\(text)")
    try expectLogin(right)
  }

  @Test func setupThatIsMissing() throws {
    let text = try check()
    #expect(text.contains("run `sshproxy setup"), "\(text)")
    try follow(
      try #require(text.split(separator: "\n").first { $0.contains("sshproxy setup") }).description)
    try expectLogin()
  }

  /// What is down for a while: the hint says to come again, and then it works.
  @Test(arguments: [
    (#"{"tensorpool": {"endpoint": "refused"}}"#, "node1.tensorpool", "ssh"),
    (#"{"tensorpool": {"endpoint": "dropped"}}"#, "node1.tensorpool", "ssh"),
    (#"{"dedalus": {"endpoint": "refused"}}"#, "dm-abc.dedalus", "exec"),
    (#"{"dedalus": {"wake_polls": 9999}}"#, "dm-abc.dedalus", "prepare"),
    (#"{"faults": [{"path": "/api/v1", "status": 503, "times": -1}]}"#, "sb1.prime", "prepare"),
  ])
  func whatComesAgain(_ scenario: String, _ alias: String, _ command: String) throws {
    try testHome.configure("[connection]\ndeadline = 2\n")
    try testHome.setUp()
    try simulator.scenario(scenario)
    let words = command == "exec" ? ["exec", alias, "--", "true"] : [command, alias]
    let end = try command == "ssh" ? testHome.ssh([alias, "true"]) : testHome.sshproxy(words)
    #expect(end.status != 0)
    let hints = end.errorLines("sshproxy: hint: ")
    #expect(hints.count == 1 && hints[0].contains("run it again"), "\(end)")
    if scenario.contains("endpoint") {
      // The sessions stay.
      try simulator.scenario(
        scenario.replacing("refused", with: "open").replacing("dropped", with: "open"))
    } else {
      try simulator.reset()
    }
    try testHome.configure("")
    if command != "ssh" { #expect(try testHome.sshproxy(words).status == 0) }
    try expectLogin(alias)
  }

  @Test func addressOfTheAPIThatIsNone() throws {
    testHome.environment["PRIME_API_BASE_URL"] = "https://nobody.invalid"
    let text = try hint(["prepare", "sb1.prime"])
    #expect(text.contains("check base_url, HTTPS_PROXY and this computer's DNS"), "\(text)")
    testHome.environment["PRIME_API_BASE_URL"] = simulator.environment["PRIME_API_BASE_URL"]
    try testHome.setUp()
    try expectLogin()
  }

  @Test(arguments: Proxy.Kind.allCases) func passwordOfTheProxy(_ kind: Proxy.Kind) throws {
    let proxy = try Proxy(kind)
    func configure(_ url: String) throws {
      try testHome.configure("[connection]\nthrough = \"\(url)\"\n")
    }
    try configure(proxy.url.replacing(Proxy.password, with: "wrong"))
    try testHome.setUp()
    let end = try testHome.ssh(["sb1.prime", "true"])
    #expect(
      end.errors.contains("user and password of the proxy stand in \"through\" in config.toml"),
      "\(end)")
    try configure(proxy.url)
    try expectLogin()
  }

  @Test func passwordOfTheProxyThatOthersCanRead() throws {
    let proxy = try Proxy(.http)
    try testHome.configure("[connection]\nthrough = \"\(proxy.url)\"\n", mode: 0o644)
    let text = try hint(["prepare", "sb1.prime"])
    #expect(text.hasPrefix("sshproxy: hint: chmod 600 /"), "\(text)")
    #expect(try testHome.shell(String(text.dropFirst("sshproxy: hint: ".count))).status == 0)
    try testHome.setUp()
    try expectLogin()
  }

  /// Nobody says where the home is: neither HOME nor the password file.
  @Test func homeThatIsNowhere() throws {
    try testHome.ownHome()
    let home = testHome.environment["HOME"]
    testHome.environment["HOME"] = nil
    try testHome.home.write("nobody-else:x:4242:4242::/:/bin/sh\n", to: ".nss/passwd")
    let text = try hint(["prepare", "sb1.prime"])
    #expect(text == "sshproxy: hint: set HOME, or give --home DIRECTORY", "\(text)")
    #expect(
      try testHome.sshproxy(["--home", testHome.home.path, "prepare", "sb1.prime"]).status == 0)
    testHome.environment["HOME"] = home
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
  }

  /// Another one holds the alias's lock; once it has ended, the same call works.
  @Test func lockThatIsHeld() throws {
    try testHome.configure("[connection]\ndeadline = 2\n")
    let holder = try testHome.holdLock("sessions/sb1.prime/lock")
    let text = try hint(["prepare", "sb1.prime"])
    #expect(text.contains("run it again; `ps` shows whether a `sshproxy-session` hangs"), "\(text)")
    kill(-holder.identifier, SIGTERM)
    _ = holder.end()
    try testHome.setUp()
    try expectLogin()
  }

  /// ssh goes by the password file's home, we by HOME.
  @Test func homesThatDiffer() throws {
    try testHome.ownHome()
    let own = try #require(testHome.home.read("ssh_config"))
    try testHome.home.write(own, to: ".ssh/config")
    testHome.environment["HOME"] = testHome.home.path(of: "elsewhere")
    try testHome.home.write("", to: "elsewhere/.config/sshproxy/config.toml")
    let end = try testHome.sshproxy(["check"], within: 60)
    let command = "`sshproxy setup --ssh-config \(testHome.home.path)/.ssh/config`"
    #expect(end.output.contains("→ \(command), or run ssh with -F"), "\(end)")
    try follow(command)
    let login = try testHome.start(TestHome.ssh, ["sb1.prime", "echo in"]).end(within: 20)
    #expect(login.status == 0 && login.output == "in\n", "\(login)")
  }
}
