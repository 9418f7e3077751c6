import Foundation
import TestSupport
import Testing

/// A home with the keys of all vendors, and the things that a person does in it.
final class SecretScene {
  let simulator: Simulator
  let testHome: TestHome
  let keys: [String: String]
  private(set) var said: [String] = []

  init() throws {
    simulator = try Simulator()
    try simulator.scenario(#"{"prime": {"exposure_delay_ms": 0}, "dedalus": {"wake_polls": 1}}"#)
    testHome = try TestHome(simulator)
    keys = simulator.environment.filter { $0.key.hasSuffix("KEY") }
    try testHome.setUp()
    // Programs that are started by name write down what they are given.
    try script("bin/ssh-keyscan", as: "ssh-keyscan", then: #"exec /usr/bin/ssh-keyscan "$@""#)
    testHome.environment["PATH"] = "\(testHome.home.path(of: "bin")):/usr/bin:/bin"
  }

  deinit { simulator.stop() }

  /// A program that writes environment and descriptors to `given-NAME`.
  @discardableResult
  private func script(_ file: String, as name: String, then last: String) throws -> String {
    try testHome.home.write(
      """
      #!/bin/bash
      { printf 'fd %s\\n' "$(ls -C -w 9999 /proc/self/fd)"; tr '\\0' '\\n' </proc/self/environ; } \
        >'\(testHome.home.path(of: "given-\(name)"))'
      \(last)

      """, to: file, mode: 0o700)
  }

  private func keep(_ end: ProgramEnd, status: Int32) {
    #expect(end.status == status, "\(end)")
    said += [end.output, end.errors]
  }

  /// A machine of each cloud that is asked for one.
  private static let clouds = [
    "pod1.prime-pod", "pod1.runpod", "17.vast", "0920582c7ff041399e34823a0be62549.lambda",
    "d290f1ee-6c54-4b01-90e6-d701748f0851.shadeform",
  ]

  private static let others = [
    "pod2.prime-pod", "pod2.runpod", "18.vast", "00000000000000000000000000000002.lambda",
    "00000000-0000-4000-8000-000000000002.shadeform",
    "00000000-0000-4000-8000-000000000002.daytona",
  ]

  private static let sandbox = "b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e.daytona"

  /// The real ssh, as verbose as it gets, and ours.
  func logIn() throws {
    let aliases = ["sb1.prime", "vm1.prime", "dm-abc.dedalus", "node1.tensorpool"] + Self.clouds
    // Lambda's machines are at port 22, which not every user may have.
    for alias in aliases where !alias.hasSuffix(".lambda") || simulator.ports["lambda"] == 22 {
      keep(try testHome.sshproxy(["-v", "prepare", alias]), status: 0)
      keep(try testHome.ssh(["-vvv", alias, "true"]), status: 0)
      keep(try testHome.sshproxy(["resolve", "--json", alias]), status: 0)
    }
    try logInByToken()
    keep(try testHome.sshproxy(["-v", "sessions", "--json"]), status: 0)
    try execute()
  }

  /// The token is the login name: ssh itself would show it at -v.
  private func logInByToken() throws {
    keep(try testHome.sshproxy(["-v", "prepare", Self.sandbox]), status: 0)
    keep(try testHome.ssh([Self.sandbox, "true"]), status: 0)
    keep(try testHome.sshproxy(["resolve", "--json", Self.sandbox]), status: 0)
    keep(
      try testHome.sshproxy(["-v", "exec", "--accept-new", Self.sandbox, "--", "true"]), status: 0)
    let check = ["-v", "check", Self.sandbox, "--ssh-config", testHome.sshConfiguration]
    keep(try testHome.sshproxy(check), status: 0)
  }

  /// Revokes a token, in a request whose URL it is part of: nothing of it is left.
  func revoke(_ token: String) throws {
    keep(try testHome.sshproxy(["-v", "close", Self.sandbox]), status: 0)
    let requests = try simulator.requests()
    #expect(requests.contains { $0.method == "DELETE" && $0.path.hasSuffix("/ssh-access") })
    for name in files {
      let bytes = FileManager.default.contents(atPath: testHome.home.path(of: name))
      #expect(bytes?.range(of: Data(token.utf8)) == nil, "\(name)")
    }
  }

  /// Through libssh2, with the host's certificate from ssh-keyscan.
  func execute() throws {
    keep(try testHome.sshproxy(["-v", "exec", "dm-abc.dedalus", "--", "true"]), status: 0)
  }

  /// A key from a command, and a command as provider.
  func askCommands() throws {
    let key = try script(
      "key-command", as: "key-command", then: "echo '\(keys["PRIME_API_KEY"] ?? "")'")
    let cloud = try script(
      "my-cloud", as: "my-cloud",
      then: #"""
        echo '{"version":2,"session":{"endpoint":{"host":"127.0.0.1","port":\#(simulator.ports["plain"] ?? 0)}}}'
        """#)
    try testHome.configure(
      """
      [prime]
      api_key_command = "\(key)"

      [hosts.mine]
      provider = "command"
      command = ["\(cloud)"]
      id = "i-1"
      """)
    let own = testHome.environment
    testHome.environment["PRIME_API_KEY"] = nil
    keep(try testHome.sshproxy(["-v", "prepare", "sb2.prime"]), status: 0)
    testHome.environment = own
    keep(try testHome.sshproxy(["-v", "prepare", "mine"]), status: 0)
    // The one that has the key in it is not what is looked for.
    try FileManager.default.removeItem(atPath: key)
  }

  func beRefused() throws {
    let own = testHome.environment
    for (name, key) in keys { testHome.environment[name] = key + "x" }
    for alias in ["sb3.prime", "dm-def.dedalus", "node2.tensorpool"] + Self.others {
      keep(try testHome.sshproxy(["-v", "prepare", alias]), status: 77)
    }
    testHome.environment = own
  }

  private var files: [String] {
    (try? FileManager.default.subpathsOfDirectory(atPath: testHome.home.path)) ?? []
  }

  /// The tokens that Prime's gateway was sent.
  var tokens: [String] {
    let requests = (try? simulator.requests()) ?? []
    return requests.filter { $0.path.hasSuffix("/authorize") }
      .compactMap { $0.headers["authorization"]?.split(separator: " ").last.map(String.init) }
  }

  /// The second line of each private key file: base64 of which no two keys share a line.
  var privateKeyLines: [String] {
    files.filter { $0.hasSuffix("/key") }.compactMap { name in
      let lines = (testHome.home.read(name) ?? "").split(separator: "\n")
      return lines.count > 3 ? String(lines[lines.count - 2]) : nil
    }
  }

  /// A token stands in its session's `session.json`, one that is a login in what ssh reads, too, a private
  /// key in its `key`, an API key nowhere. No file is named for any.
  func expectFiles(secrets: [String], tokens: [String], logins: [String]) {
    var tokenFiles = 0
    for name in files {
      guard let bytes = FileManager.default.contents(atPath: testHome.home.path(of: name)) else {
        continue
      }
      // What was written down for this test holds what the test looks at elsewhere.
      guard !name.hasPrefix("given-") else { continue }
      for secret in secrets { #expect(!name.contains(secret)) }
      for secret in secrets where bytes.range(of: Data(secret.utf8)) != nil {
        let last = (name as NSString).lastPathComponent
        let isToken = tokens.contains(secret) || logins.contains(secret)
        let isForSSH = logins.contains(secret) && last == "ssh_config"
        #expect(isForSSH || last == (isToken ? "session.json" : "key"), "\(name)")
        #expect(!keys.values.contains(secret), "\(name)")
        #expect((try? testHome.home.mode(of: name)) == 0o600, "\(name)")
        if isToken { tokenFiles += 1 }
      }
    }
    #expect(tokenFiles > 0, "no token was found where one is")
  }
}
