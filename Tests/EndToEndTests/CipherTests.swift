import SystemIO
import TestSupport
import Testing

/// Where the processor does AES-GCM fastest, ssh takes it, unless the user names ciphers of their own.
@Suite(.serialized, .timed) struct CipherTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private func add(_ lines: String) throws {
    let text = try #require(testHome.home.read("ssh_config"))
    try testHome.home.write(text + lines, to: "ssh_config", mode: 0o644)
  }

  /// The ciphers that ssh would offer.
  private func ciphers(_ words: [String]) throws -> [String] {
    let shown = try testHome.start(TestHome.ssh, words).end(within: 20).output
    let line = try #require(
      shown.split(separator: "\n").first { $0.hasPrefix("ciphers ") }, "\(shown)")
    return line.split(separator: " ")[1].split(separator: ",").map(String.init)
  }

  private func ciphers(of machine: Machine) throws -> [String] {
    try ciphers(["-F", testHome.sshConfiguration, "-G", machine.alias])
  }

  private var usual: [String] {
    get throws { try ciphers(["-F", "none", "-G", "unrelated.example"]) }
  }

  private var fast: [String] {
    get throws {
      let name = "aes128-gcm@openssh.com"
      let rest = try usual.filter { $0 != name }
      return Processor.hasFastAESGCM ? [name] + rest : try usual
    }
  }

  /// What `check` says of ciphers, with its hint.
  private func check() throws -> String {
    let words = ["check", "--ssh-config", testHome.sshConfiguration]
    let lines = try testHome.sshproxy(words, within: 60).output.split(separator: "\n")
    let start = try #require(lines.firstIndex { $0.contains(" ciphers ") }, "\(lines)")
    let hint = lines.dropFirst(start + 1).prefix { $0.contains("hint: ") || $0.hasPrefix("    ") }
    return lines[start] + hint.map { "\n" + $0 }.joined()
  }

  @Test(arguments: Machine.allCases)
  func isInTheBlock(_ machine: Machine) throws {
    try testHome.setUp()
    #expect(try ciphers(of: machine) == fast)
    let end = try testHome.ssh(["-v", machine.alias, "true"])
    #expect(end.status == 0, "\(end)")
    let used = end.errors.contains("server->client cipher: \(try fast[0]) ")
    #expect(used, "\(end)")
    #expect(try check().hasPrefix("ok"))
  }

  /// Whatever the user's own settings are, for every host or for ours.
  @Test(arguments: ["Host *", "Host *.prime", "Match all"])
  func ownCiphersStay(_ head: String) throws {
    try add("\(head)\n    Ciphers aes256-ctr,aes128-gcm@openssh.com\n")
    try testHome.setUp()
    #expect(try ciphers(of: .primeToken) == ["aes256-ctr", "aes128-gcm@openssh.com"])
    let end = try testHome.sshproxy(["ssh", "sb1.prime", "-F", testHome.sshConfiguration, "-G"])
    #expect(end.output.contains("\nciphers aes256-ctr,aes128-gcm@openssh.com\n"), "\(end)")
    let found = try check()
    #expect(found.hasPrefix("ok"))
    #expect(found.contains("names them") == Processor.hasFastAESGCM)
  }

  @Test func areLeftToSSHWhereTheConfigurationSaysSo() throws {
    let text = try #require(testHome.home.read(".config/sshproxy/config.toml"))
    try testHome.configure("[connection]\nciphers = \"ssh\"\n\n" + text)
    try testHome.setUp()
    #expect(try ciphers(of: .primeToken) == usual)
    #expect(try check().contains("leaves them to ssh"))
    try testHome.configure("[connection]\nciphers = \"slow\"\n\n" + text)
    let end = try testHome.sshproxy(["prepare", "sb1.prime"])
    #expect(end.status == 78 && end.errors.contains("\"fast\" or \"ssh\""), "\(end)")
  }

  /// A session that is older than `setup` follows it, with the key that it has.
  @Test(arguments: [Machine.primeToken, .dedalus, .tensorpool])
  func sessionsMadeBeforeSetupFollow(_ machine: Machine) throws {
    #expect(try testHome.sshproxy(["prepare", machine.alias]).status == 0)
    try testHome.setUp()
    #expect(try ciphers(of: machine) == fast)
    let words = ["ssh", machine.alias, "-F", testHome.sshConfiguration, "-G"]
    let own = try testHome.sshproxy(words).output
    #expect(own.contains("\nciphers \(try fast.joined(separator: ","))\n"), "\(own)")
    #expect(try testHome.ssh([machine.alias, "true"]).status == 0)
    let opened = try simulator.requests().filter {
      $0.method == "POST" && !$0.path.hasSuffix("/authorize")
    }
    #expect(opened.count == (machine == .tensorpool ? 0 : 1), "\(opened)")
  }

  /// The user's settings have changed since `setup`: `check` says so, and its hint helps.
  @Test func followTheUsersSettings() throws {
    try testHome.setUp()
    #expect(try ciphers(of: .primeToken) == fast)
    try add("Host *\n    Ciphers aes256-ctr\n")
    guard Processor.hasFastAESGCM else { return }
    let found = try check()
    #expect(found.hasPrefix("look") && found.contains("run `sshproxy setup`"), "\(found)")
    try testHome.setUp()
    #expect(try check().hasPrefix("ok"))
    #expect(try ciphers(of: .primeToken) == ["aes256-ctr"])
  }
}
