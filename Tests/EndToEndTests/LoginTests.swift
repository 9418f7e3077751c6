import Foundation
import SystemIO
import TestSupport
import Testing

/// The real ssh logs in to each kind of machine.
@Suite(.serialized, .timed) struct LoginTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  @Test(arguments: Machine.allCases, [true, false])
  func coldThenWarmWithoutTheProvider(_ machine: Machine, fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    let cold = try testHome.ssh([machine.alias, "echo $USER"])
    #expect(cold.status == 0, "\(cold)")
    #expect(cold.errors == "")
    #expect(cold.output == (try machine.login(at: simulator)) + "\n")
    let calls = try simulator.requests().count
    let log = testHome.home.read(TestHome.myCloudLog)
    #expect(machine == .fixedHost ? calls == 0 : calls > 0)

    let warm = try testHome.ssh([machine.alias, "echo $USER"])
    #expect(warm.status == 0, "\(warm)")
    #expect(warm.errors == "")
    #expect(warm.output == cold.output)
    #expect(try simulator.requests().count == calls)
    #expect(testHome.home.read(TestHome.myCloudLog) == log)
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
  }

  /// Dedalus's newer ids; in capitals too, and under a name of one's own.
  @Test(arguments: ["\(uuid).dedalus", "\(uuid.uppercased()).Dedalus", "train"])
  func machineWhoseIdIsAUUID(_ alias: String) throws {
    try testHome.configure("[hosts.train]\nprovider = \"dedalus\"\nid = \"\(Self.uuid)\"\n")
    try testHome.setUp()
    for _ in 1...2 {
      let end = try testHome.ssh([alias, "echo $USER"])
      #expect(end.status == 0, "\(end)")
      #expect(end.output == (try Machine.dedalus.login(at: simulator)) + "\n")
      #expect(end.errors == "")
    }
    let call = try #require(simulator.requests().first { $0.method == "POST" })
    #expect(call.path == "/v1/machines/\(Self.uuid)/ssh")
  }

  static let uuid = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

  @Test(arguments: [Machine.primeToken, .primeVM, .dedalus, .tensorpool] + Machine.instances)
  func sshCommandNeedsNoSetup(_ machine: Machine) throws {
    var words = ["ssh", machine.alias, "-F", testHome.sshConfiguration]
    if machine == .tensorpool || Machine.instances.contains(machine) {
      words += ["-i", simulator.userKey]
    }
    for _ in 1...2 {
      let end = try testHome.sshproxy(words + ["echo $USER; cat >&2; exit 3"])
      #expect(end.status == 3, "\(end)")
      #expect(end.errors == "")
      #expect(end.output == (try machine.login(at: simulator)) + "\n")
    }
  }

  @Test(arguments: ["SB1.Prime", "Dm-ABC.Dedalus", "NODE1.TensorPool", "LAB", "Mine"])
  func upperCaseIsTheSameAlias(_ alias: String) throws {
    try testHome.setUp()
    let small = try testHome.ssh([alias.lowercased(), "echo $USER"])
    let calls = try simulator.requests().count
    let large = try testHome.ssh(
      (alias == "LAB" ? ["-l", "user"] : []) + [alias, "echo $USER"])
    #expect(large.status == 0, "\(large)")
    #expect(large.output == small.output)
    #expect(try simulator.requests().count == calls)
  }

  @Test(arguments: [true, false])
  func twentyAtOnceMakeOneSession(fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    let started = try (1...20).map { number in
      try testHome.startSSH(["sb1.prime", "echo \(number) $USER"])
    }
    let ends = started.map { $0.end(within: 60) }
    let login = try Machine.primeToken.login(at: simulator)
    for (number, end) in zip(1..., ends) {
      #expect(end.status == 0, "\(end)")
      #expect(end.output == "\(number) \(login)\n")
      #expect(end.errors == "")
    }
    let creations = try simulator.requests().filter { $0.path.hasSuffix("/ssh-session") }
    #expect(creations.count == 1)
  }

  @Test func twentyAtOnceShareAFailureToo() throws {
    try testHome.setUp()
    try simulator.scenario(
      """
      {"faults": [{"method": "POST", "path": "/sandbox/sb1/", "times": -1, "delay_ms": 1000,
        "status": 401, "body": "{\\"detail\\": \\"Invalid or missing API key\\"}"}]}
      """)
    // Nobody gets the alias's lock before all twenty stand in front of it.
    let holder = try testHome.holdLock("sessions/sb1.prime/lock")
    let started = try (1...20).map { _ in try testHome.startSSH(["sb1.prime", "true"]) }
    try #require(
      eventually {
        testHome.proxies.count { $0.program == "sshproxy-session" } == 20
      })
    kill(-holder.identifier, SIGKILL)
    for end in started.map({ $0.end(within: 60) }) {
      #expect(end.status == 255, "\(end)")
      #expect(end.errorLines("sshproxy: error: ").count == 1, "\(end)")
      #expect(end.errors.contains("Invalid or missing API key"), "\(end)")
    }
    #expect(try simulator.requests().count == 1)
  }

  /// Nor is it believed for what this computer's own known hosts say.
  @Test(arguments: [false, true]) func hostOfAnotherAuthorityIsRefused(isKnownHere: Bool) throws {
    if isKnownHere {
      let folder = simulator.hostAuthority.split(separator: "/").dropLast().joined(separator: "/")
      let key = try String(contentsOfFile: "/\(folder)/other_authority.pub", encoding: .utf8)
      let file = try testHome.home.write("@cert-authority * \(key)", to: "global_known_hosts")
      let text = try #require(testHome.home.read("ssh_config"))
        .replacing("GlobalKnownHostsFile /dev/null", with: "GlobalKnownHostsFile \(file)")
        .replacing("UserKnownHostsFile", with: "#")
      try testHome.home.write(text, to: "ssh_config", mode: 0o644)
    }
    try testHome.setUp()
    try simulator.scenario(#"{"dedalus": {"host_certificate": "other_authority"}}"#)
    let end = try testHome.ssh(["dm-abc.dedalus", "true"])
    #expect(end.status == 255, "\(end)")
    // OpenSSH 10 says so of the plain key behind the certificate.
    let words = ["Host key verification failed", "host key ssh-ed25519 not permitted"]
    #expect(words.contains { end.errors.contains($0) }, "\(end)")
  }

  @Test func vendorsKeysStayWithUs() throws {
    try testHome.setUp()
    #expect(try testHome.ssh(["mine", "true"]).status == 0)
    let log = try #require(testHome.home.read(TestHome.myCloudLog))
    #expect(log.hasPrefix(#"ssh-session {"action":"open","deadline_ms":1"#), "\(log)")
    #expect(log.contains("\nHOME=\(testHome.home.path)\n"))
    for name in ["PRIME_API_KEY", "DEDALUS_API_KEY", "TENSORPOOL_KEY"] {
      let key = try #require(simulator.environment[name])
      #expect(!log.contains(key), "\(name)")
    }
  }

  /// An API on this computer is none of a proxy's business.
  @Test func plainHTTPGoesPastProxies() throws {
    for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"] {
      testHome.environment[name] = "http://127.0.0.1:9"
    }
    let end = try testHome.sshproxy(["prepare", "vm1.prime"])
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
  }
}
