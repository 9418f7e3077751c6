import Foundation
import SystemIO
import TestSupport
import Testing

/// The real ssh logs in to each kind of machine.
@Suite(.serialized, .timed) struct LoginTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let place: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    place = try TestHome.furnished(simulator)
  }

  @Test(arguments: Machine.allCases, [true, false])
  func coldThenWarmWithoutTheProvider(_ machine: Machine, fdpass: Bool) throws {
    try place.setUp(fdpass: fdpass)
    let cold = try place.ssh([machine.alias, "echo $USER"])
    #expect(cold.status == 0, "\(cold)")
    #expect(cold.errors == "")
    #expect(cold.output == (try machine.login(at: simulator)) + "\n")
    let calls = try simulator.requests().count
    let log = place.home.read(TestHome.myCloudLog)
    #expect(machine == .fixedHost ? calls == 0 : calls > 0)

    let warm = try place.ssh([machine.alias, "echo $USER"])
    #expect(warm.status == 0, "\(warm)")
    #expect(warm.errors == "")
    #expect(warm.output == cold.output)
    #expect(try simulator.requests().count == calls)
    #expect(place.home.read(TestHome.myCloudLog) == log)
    #expect(eventually { place.proxies.isEmpty }, "\(place.proxies)")
  }

  /// Dedalus's newer ids; in capitals too, and under a name of one's own.
  @Test(arguments: ["\(uuid).dedalus", "\(uuid.uppercased()).Dedalus", "train"])
  func machineWhoseIdIsAUUID(_ alias: String) throws {
    try place.configure("[hosts.train]\nprovider = \"dedalus\"\nid = \"\(Self.uuid)\"\n")
    try place.setUp()
    for _ in 1...2 {
      let end = try place.ssh([alias, "echo $USER"])
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
    var words = ["ssh", machine.alias, "-F", place.sshConfiguration]
    if machine == .tensorpool || Machine.instances.contains(machine) {
      words += ["-i", simulator.userKey]
    }
    for _ in 1...2 {
      let end = try place.sshproxy(words + ["echo $USER; cat >&2; exit 3"])
      #expect(end.status == 3, "\(end)")
      #expect(end.errors == "")
      #expect(end.output == (try machine.login(at: simulator)) + "\n")
    }
  }

  @Test(arguments: ["SB1.Prime", "Dm-ABC.Dedalus", "NODE1.TensorPool", "LAB", "Mine"])
  func upperCaseIsTheSameAlias(_ alias: String) throws {
    try place.setUp()
    let small = try place.ssh([alias.lowercased(), "echo $USER"])
    let calls = try simulator.requests().count
    let large = try place.ssh(
      (alias == "LAB" ? ["-l", "user"] : []) + [alias, "echo $USER"])
    #expect(large.status == 0, "\(large)")
    #expect(large.output == small.output)
    #expect(try simulator.requests().count == calls)
  }

  @Test(arguments: [true, false])
  func twentyAtOnceMakeOneSession(fdpass: Bool) throws {
    try place.setUp(fdpass: fdpass)
    let started = try (1...20).map { number in
      try place.startSSH(["sb1.prime", "echo \(number) $USER"])
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
    try place.setUp()
    try simulator.scenario(
      """
      {"faults": [{"method": "POST", "path": "/sandbox/sb1/", "times": -1, "delay_ms": 1000,
        "status": 401, "body": "{\\"detail\\": \\"Invalid or missing API key\\"}"}]}
      """)
    // Nobody gets the alias's lock before all twenty stand in front of it.
    let holder = try place.holdLock("sessions/sb1.prime/lock")
    let started = try (1...20).map { _ in try place.startSSH(["sb1.prime", "true"]) }
    try #require(
      eventually {
        place.proxies.count { $0.program == "sshproxy-session" } == 20
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
      let file = try place.home.write("@cert-authority * \(key)", to: "global_known_hosts")
      let text = try #require(place.home.read("ssh_config"))
        .replacing("GlobalKnownHostsFile /dev/null", with: "GlobalKnownHostsFile \(file)")
        .replacing("UserKnownHostsFile", with: "#")
      try place.home.write(text, to: "ssh_config", mode: 0o644)
    }
    try place.setUp()
    try simulator.scenario(#"{"dedalus": {"host_certificate": "other_authority"}}"#)
    let end = try place.ssh(["dm-abc.dedalus", "true"])
    #expect(end.status == 255, "\(end)")
    // OpenSSH 10 says so of the plain key behind the certificate.
    let words = ["Host key verification failed", "host key ssh-ed25519 not permitted"]
    #expect(words.contains { end.errors.contains($0) }, "\(end)")
  }

  @Test func vendorsKeysStayWithUs() throws {
    try place.setUp()
    #expect(try place.ssh(["mine", "true"]).status == 0)
    let log = try #require(place.home.read(TestHome.myCloudLog))
    #expect(log.hasPrefix(#"ssh-session {"action":"open","deadline_ms":1"#), "\(log)")
    #expect(log.contains("\nHOME=\(place.home.path)\n"))
    for name in ["PRIME_API_KEY", "DEDALUS_API_KEY", "TENSORPOOL_KEY"] {
      let key = try #require(simulator.environment[name])
      #expect(!log.contains(key), "\(name)")
    }
  }

  /// An API on this computer is none of a proxy's business.
  @Test func plainHTTPGoesPastProxies() throws {
    for name in ["http_proxy", "https_proxy", "all_proxy", "ALL_PROXY"] {
      place.environment[name] = "http://127.0.0.1:9"
    }
    let end = try place.sshproxy(["prepare", "vm1.prime"])
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
  }
}
