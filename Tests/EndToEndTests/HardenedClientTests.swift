import TestSupport
import Testing

/// Settings that harden ssh shut no session out.
@Suite(.serialized, .timed) struct HardenedClientTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private func harden(_ lines: [String]) throws {
    let own = lines.map { "    \($0)\n" }.joined()
    let text = try #require(testHome.home.read("ssh_config"))
    try testHome.home.write(
      text.replacing("Host *\n", with: "Host *\n" + own), to: "ssh_config", mode: 0o644)
    try testHome.setUp()
  }

  private static let settings = [
    "HostKeyAlgorithms ssh-ed25519", "CASignatureAlgorithms rsa-sha2-512",
    "PubkeyAcceptedKeyTypes ssh-ed25519", "PubkeyAuthentication no",
    "PubkeyAcceptedKeyTypes ecdsa-sha2-nistp256",
  ]

  @Test(arguments: [Machine.primeToken, .primeVM, .dedalus], settings)
  func logsInBehind(_ machine: Machine, _ setting: String) throws {
    try harden([setting])
    for _ in 1...2 {
      let end = try testHome.ssh([machine.alias, "echo $USER"])
      #expect(end.status == 0, "\(end)")
      #expect(end.output == (try machine.login(at: simulator)) + "\n")
    }
  }

  /// A policy without Ed25519: the session's own key is of the configured kind, in ssh and `exec`.
  @Test(arguments: [Machine.primeToken, .dedalus])
  func keyOfTheConfiguredKind(_ machine: Machine) throws {
    let policy = [
      "PubkeyAcceptedKeyTypes ecdsa-sha2-nistp256,ecdsa-sha2-nistp256-cert-v01@openssh.com"
    ]
    try testHome.configure("[connection]\nkey = \"ecdsa-p256\"\n")
    try harden(policy)
    for _ in 1...2 {
      let end = try testHome.ssh(["-v", "-o", "LogLevel=VERBOSE", machine.alias, "echo $USER"])
      #expect(end.status == 0, "\(end)")
      #expect(end.output == (try machine.login(at: simulator)) + "\n")
    }
    let shown = try testHome.ssh(["-G", machine.alias]).output.split(separator: "\n")
    let line = try #require(
      shown.first {
        $0.hasPrefix("pubkeyacceptedalgorithms ") || $0.hasPrefix("pubkeyacceptedkeytypes ")
      })
    let names = machine == .dedalus ? ["ecdsa-sha2-nistp256-cert-v01@openssh.com"] : []
    let expected = (names + ["ecdsa-sha2-nistp256"]).joined(separator: ",")
    #expect(line.split(separator: " ").last.map(String.init) == expected)
    #expect(try testHome.sshproxy(["exec", machine.alias, "--", "true"]).status == 0)
  }

  /// No list that is written weakens ssh: SHA-1 is in none.
  @Test func namesNothingOfSHA1() throws {
    try testHome.setUp()
    let shown = try testHome.ssh(["-G", "dm-abc.dedalus"]).output
    let lists = shown.split(separator: "\n").filter {
      $0.hasPrefix("hostkeyalgorithms ") || $0.hasPrefix("casignaturealgorithms ")
        || $0.hasPrefix("pubkeyaccepted")
    }
    #expect(lists.count == 3, "\(shown)")
    for list in lists {
      #expect(!list.contains("ssh-rsa") && !list.contains("ssh-dss"), "\(list)")
    }
  }
}
