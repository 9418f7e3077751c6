import Foundation
import TestSupport
import Testing

/// A row each: what is wrong, the hint that it gets, and what whoever follows the hint does. Then a login.
@Suite(.serialized) struct HintRowTests {
  /// Scripts run in the user's shell; `URL`, `KEY` and `PORT` stand for the simulator's.
  struct Row: CustomTestStringConvertible, Sendable {
    let name: String
    var configuration = ("", "")
    /// The simulator's; the second is what it is anyhow.
    var scenario = ""
    var script = ("", "")
    var environment = [String: String]()
    /// Of sshproxy; with `ssh:` before it, of the real ssh.
    var command: String
    let hint: String
    var login = "sb1.prime"

    var testDescription: String { name }
  }

  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private static let soon = "[connection]\ndeadline = 2\n"

  private static func scenario(_ realm: String, _ members: String) -> String {
    "{\"\(realm)\": {\(members)}}"
  }

  /// The person looks at the machine, or waits for it: it is as it should be.
  static let machines = [
    Row(
      name: "a session that failed", scenario: scenario("dedalus", #""final_status": "failed""#),
      command: "prepare dm-abc.dedalus", hint: "look at the machine at the provider",
      login: "dm-abc.dedalus"),
    Row(
      name: "a machine that was stopped", scenario: scenario("runpod", #""states": ["EXITED"]"#),
      command: "prepare 7h9k2m4n6p.runpod",
      hint: "look at the machine at the provider, and start it there", login: "7h9k2m4n6p.runpod"),
    Row(
      name: "a pod that could not be installed",
      scenario: scenario("prime_pod", #""states": ["ERROR"], "failure": "no capacity""#),
      command: "prepare 6f1c2a9be0d74c53.prime-pod", hint: "look at the pod at the provider",
      login: "6f1c2a9be0d74c53.prime-pod"),
    Row(
      name: "an instance without a command",
      scenario: scenario("tensorpool", #""command": "", "message": "no""#),
      command: "prepare node1.tensorpool", hint: "look at the instance at the provider",
      login: "node1.tensorpool"),
    Row(
      name: "a sandbox in an error",
      scenario: scenario("daytona", #""states": ["error"]"#),
      command: "prepare b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e.daytona",
      hint: "look at it at the provider", login: "b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e.daytona"),
    Row(
      name: "a sandbox that starts", configuration: (soon, ""),
      scenario: scenario("daytona", #""states": ["starting"]"#),
      command: "prepare b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e.daytona",
      hint: "it goes on starting: run it again",
      login: "b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e.daytona"),
    Row(
      name: "an instance that starts", configuration: (soon, ""),
      scenario: scenario("runpod", #""states": ["DREAMING"]"#),
      command: "prepare 7h9k2m4n6p.runpod", hint: "it may go on starting: run it again",
      login: "7h9k2m4n6p.runpod"),
    Row(
      name: "a pod without a public port", scenario: scenario("runpod", #""public_port": false"#),
      command: "prepare 7h9k2m4n6p.runpod", hint: "expose TCP port 22 in the pod's settings",
      login: "7h9k2m4n6p.runpod"),
    Row(
      name: "two of one name", scenario: scenario("runpod", #""names": ["train", "train"]"#),
      command: "prepare train.runpod", hint: "use one of these aliases", login: "7h9k2m4n6p.runpod"),
    Row(
      name: "a gateway that refuses the token",
      scenario: #"{"faults": [{"path": "authorize", "status": 401, "times": 1}]}"#,
      command: "prepare sb1.prime", hint: "the session's token does not count: run it again"),
    Row(
      name: "a gateway that knows no such session",
      scenario: #"{"faults": [{"path": "authorize", "status": 404, "times": 1}]}"#,
      command: "prepare sb1.prime", hint: "the session may be gone: run it again"),
    Row(
      name: "an address that is another's",
      environment: ["PRIME_API_BASE_URL": "URL/elsewhere"], command: "check",
      hint: "→ check base_url\n"),
  ]

  private static func cloud(_ key: String, _ value: String) -> (String, String) {
    let lines = [
      ("url", "URL/v1/instances/{id}/info"), ("header", "X-API-KEY: {key}"),
      ("api_key_command", "echo KEY"), ("host", "/ip"), ("port", "/ssh_port"),
      ("user", "/ssh_user"), ("state", "/status"),
    ]
    func text(_ wrong: Bool) -> String {
      "[providers.mycloud]\nready = [\"active\"]\n"
        + lines.map { "\($0.0) = \"\(wrong && $0.0 == key ? value : $0.1)\"\n" }.joined()
    }
    return (text(true), text(false))
  }

  private static let described = "d290f1ee-6c54-4b01-90e6-d701748f0851.mycloud"

  /// What stands in config.toml.
  static let configurations = [
    Row(
      name: "a URL without the id", configuration: cloud("url", "URL/v1/instances"),
      command: "prepare \(described)",
      hint: "write it like https://api.example.com/v1/instances/{id}", login: described),
    Row(
      name: "a header without a name", configuration: cloud("header", "{key}"),
      command: "prepare \(described)", hint: "write it like \"Authorization: Bearer {key}\"",
      login: described),
    Row(
      name: "a host that is no pointer", configuration: cloud("host", "ip"),
      command: "prepare \(described)", hint: "write it as a JSON Pointer (RFC 6901)",
      login: described),
    Row(
      name: "a user that is no pointer", configuration: cloud("user", "the user"),
      command: "prepare \(described)", hint: "a place is written as a JSON Pointer",
      login: described),
    Row(
      name: "a pointer to nothing", configuration: cloud("host", "/nowhere"),
      command: "prepare \(described)", hint: "is that the right place in config.toml?",
      login: described),
    Row(
      name: "an id that is no number",
      configuration: (
        "[hosts.x]\nprovider = \"vast\"\nid = \"abc\"\n",
        "[hosts.x]\nprovider = \"vast\"\nid = \"31415926\"\n"
      ), command: "prepare x", hint: "the id of an instance is a number", login: "x"),
    Row(
      name: "a far port that is closed",
      configuration: (
        "[dedalus]\nroute = \"jump\"\njump_target = \"localhost:1\"\n",
        "[dedalus]\nroute = \"direct\"\n"
      ), command: "ssh:dm-abc.dedalus true",
      hint: "is an SSH server running there, and does the endpoint allow forwarding? else take",
      login: "dm-abc.dedalus"),
  ]

  /// What lies in the home directory.
  static let files = [
    Row(
      name: "a directory for a file", command: "setup --ssh-config /",
      hint: "put it right, or give another file with --ssh-config"),
    Row(
      name: "a path with a line end", script: ("mkdir \"$HOME/a\nb\"", ""),
      command: "--config HOME/a\nb setup",
      hint: "give another place with --ssh-config, --home, --config or --state"),
    Row(
      name: "a file of the user's in the place of ours",
      script: ("echo '# mine' > ~/sshproxy.conf", "mv ~/sshproxy.conf ~/mine.conf"),
      command: "setup --ssh-config HOME/ssh_config",
      hint: "move it away and run `sshproxy setup` again"),
    Row(
      name: "a state directory that others can change",
      script: (
        "mkdir -p ~/.local/state/sshproxy; chmod 777 ~/.local/state/sshproxy",
        "chmod go-w ~/.local/state/sshproxy"
      ), command: "setup --ssh-config HOME/ssh_config",
      hint: "`chmod go-w HOME/.local/state/sshproxy`, or set XDG_STATE_HOME"),
    Row(
      name: "a directory that the editor would not find",
      script: ("ln -s /bin/true ~/code; mkdir -p ~/bin; mv ~/code ~/bin", "ssh sb1.prime pwd"),
      environment: ["PATH": "HOME/bin:/usr/bin:/bin"], command: "open code sb1.prime work",
      hint: "give an absolute path: `ssh ALIAS pwd` shows where the home directory is"),
    Row(
      name: "no alias", command: "ssh", hint: "`sshproxy list` shows the aliases; `sshproxy ssh sb1"
    ),
    Row(
      name: "a program that speaks version 1",
      script: (
        "sed -i 's/\"version\":2/\"version\":1/' ~/bin/my-cloud",
        "sed -i 's/\"version\":1/\"version\":2/' ~/bin/my-cloud"
      ), command: "prepare mine", hint: "version 2 has other words for kinds of error",
      login: "mine"),
    Row(
      name: "a program that fails",
      script: ("sed -i '1i exit 3' ~/bin/my-cloud", "sed -i 1d ~/bin/my-cloud"),
      command: "prepare mine", hint: "run it by hand with a request on its standard input",
      login: "mine"),
    Row(
      name: "a program that trusts in an unknown way",
      script: (
        "sed -i 's/\"expires_at\"/\"host_trust\":{\"kind\":\"x\"},\"expires_at\"/' ~/bin/my-cloud",
        "sed -i 's/\"host_trust\":{\"kind\":\"x\"},//' ~/bin/my-cloud"
      ), command: "prepare mine",
      hint: "it is authority, host_key, known_hosts or trust_on_first_use",
      login: "mine"),
  ]

  private func filled(_ text: String) -> String {
    let variables = simulator.environment
    let url = text.contains("/elsewhere") ? "PRIME_API_BASE_URL" : "SHADEFORM_BASE_URL"
    return text.replacing("URL/", with: "\(variables[url] ?? "")/")
      .replacing("KEY\"", with: "\(variables["SHADEFORM_API_KEY"] ?? "")\"")
      .replacing("HOME/", with: testHome.home.path + "/")
  }

  private func run(_ command: String) throws -> ProgramEnd {
    let words = command.replacing("ssh:", with: "").split(separator: " ").map { filled(String($0)) }
    guard !command.hasPrefix("ssh:") else { return try testHome.ssh(words) }
    return try testHome.sshproxy(words, within: 60)
  }

  @Test(arguments: machines + configurations + files)
  func hintIsFollowed(row: Row) throws {
    let hosts = testHome.home.read(".config/sshproxy/config.toml") ?? ""
    let environment = testHome.environment
    func configure(_ text: String) throws { try testHome.configure(filled(text) + "\n" + hosts) }
    func script(_ text: String) throws {
      let end = try testHome.shell(text)
      #expect(end.status == 0, "\(end)")
    }
    if !row.configuration.0.contains("[providers") { try configure(row.configuration.0) }
    if row.command.hasPrefix("ssh:") || row.script.1.hasPrefix("ssh ") { try testHome.setUp() }
    try configure(row.configuration.0)
    if !row.scenario.isEmpty { try simulator.scenario(row.scenario) }
    for (name, value) in row.environment { testHome.environment[name] = filled(value) }
    try script(row.script.0)
    let end = try run(row.command)
    #expect(end.status != 0 && (end.errors + end.output).contains(filled(row.hint)), "\(end)")
    // As the hint says.
    try simulator.reset()
    testHome.environment = environment
    try configure(row.configuration.1)
    try script(row.script.1)
    try testHome.setUp()
    let login = try testHome.ssh([row.login, "echo in"])
    #expect(login.status == 0 && login.output == "in\n", "\(login)")
  }
}
