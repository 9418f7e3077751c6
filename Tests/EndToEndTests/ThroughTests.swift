import Foundation
import TestSupport
import Testing

/// `through`: the way to a machine leads through a proxy, or a command like ssh's ProxyCommand.
@Suite(.serialized, .timed) struct ThroughTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private static let machines: [Machine] = [
    .primeToken, .primeVM, .dedalus, .tensorpool, .fixedHost,
  ]

  private func configure(_ through: String) throws {
    let own = testHome.home.read(".config/sshproxy/config.toml") ?? ""
    try testHome.configure("[connection]\nthrough = \"\(through)\"\ndeadline = 20\n" + own)
  }

  @Test(arguments: Proxy.Kind.allCases, [true, false])
  func sshLogsInThroughAProxy(_ kind: Proxy.Kind, fdpass: Bool) throws {
    let proxy = try Proxy(kind)
    try configure(proxy.url)
    try testHome.setUp(fdpass: fdpass)
    for machine in Self.machines {
      for turn in ["cold", "warm"] {
        let before = proxy.destinations.count
        let end = try testHome.ssh([machine.alias, "echo $USER; head -c 300000 /dev/zero | wc -c"])
        #expect(end.status == 0, "\(machine) \(turn): \(end)")
        #expect(end.output == (try machine.login(at: simulator)) + "\n300000\n")
        #expect(end.errors == "", "\(machine) \(turn)")
        // A new machine's port may not be open at once: then the proxy is asked again.
        #expect(
          eventually {
            turn == "cold"
              ? proxy.destinations.count > before : proxy.destinations.count == before + 1
          }, "\(machine) \(turn)")
      }
    }
    // A name is the proxy's to look up.
    #expect(proxy.destinations.contains { $0.hasPrefix("localhost:") }, "\(proxy.destinations)")
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
  }

  @Test(arguments: Proxy.Kind.allCases)
  func execJumpAndCheckGoThroughIt(_ kind: Proxy.Kind) throws {
    let proxy = try Proxy(kind)
    try configure(proxy.url)
    try testHome.setUp()
    _ = try testHome.shell("install -D -m 600 '\(simulator.userKey)' ~/.ssh/id_ed25519")
    for machine in [Machine.primeToken, .primeVM, .dedalus, .tensorpool] {
      let before = proxy.destinations.count
      let end = try testHome.sshproxy(
        ["exec", "--accept-new", machine.alias, "--", "echo $USER; exit 42"])
      #expect(end.status == 42, "\(machine): \(end)")
      #expect(end.output == (try machine.login(at: simulator)) + "\n")
      #expect(eventually { proxy.destinations.count > before }, "\(machine)")
    }
    let target = "127.0.0.1:\(simulator.ports["plain"] ?? 0)"
    let before = proxy.destinations.count
    let jump = try testHome.ssh([
      "-o", "ProxyCommand='\(BuiltProgram.sshproxy)' connect --jump-to \(target) dm-abc.dedalus",
      "-o", "User=user", "far", "echo $USER",
    ])
    #expect(jump.status == 0 && jump.output == "user\n", "\(jump)")
    #expect(eventually { proxy.destinations.count > before })
    #expect(!proxy.destinations.contains(target))

    let check = try testHome.sshproxy(
      ["check", "--ssh-config", testHome.sshConfiguration, "sb1.prime"])
    #expect(
      check.output.contains("through               \(kind.rawValue)://office@127.0.0.1"), "\(check)"
    )
    #expect(check.output.contains("first byte            SSH-2.0"), "\(check)")
    // The password is nowhere but in the user's file and the session's record.
    for words in [["resolve", "sb1.prime"], ["resolve", "--json", "sb1.prime"], ["sessions"]] {
      let end = try testHome.sshproxy(words)
      #expect(!(end.output + end.errors).contains(Proxy.password), "\(end)")
    }
    #expect(!(check.output + check.errors).contains(Proxy.password))
    let bytes = Array(Proxy.password.utf8)
    for (name, data) in try testHome.snapshot() where data.range(of: Data(bytes)) != nil {
      #expect(name == ".config/sshproxy/config.toml")
    }
  }

  @Test(arguments: [true, false]) func sshLogsInThroughACommand(fdpass: Bool) throws {
    try configure("nc %h %p 2>>'\(testHome.home.path)/nc.log'")
    try testHome.setUp(fdpass: fdpass)
    for machine in Self.machines {
      for turn in ["cold", "warm"] {
        let end = try testHome.ssh([machine.alias, "echo $USER; head -c 300000 /dev/zero | wc -c"])
        #expect(end.status == 0, "\(machine) \(turn): \(end)")
        #expect(end.output == (try machine.login(at: simulator)) + "\n300000\n")
        #expect(end.errors == "", "\(machine) \(turn)")
      }
    }
    #expect(eventually { testHome.processes.isEmpty }, "\(testHome.processes)")
  }

  @Test func execGoesThroughACommand() throws {
    try configure("nc %h %p")
    for machine in [Machine.primeToken, .primeVM, .dedalus] {
      let end = try testHome.sshproxy(["exec", machine.alias, "--", "echo $USER"])
      #expect(end.output == (try machine.login(at: simulator)) + "\n", "\(machine): \(end)")
    }
    #expect(eventually { testHome.processes.isEmpty }, "\(testHome.processes)")
  }

  /// The nearest table counts, and `direct` takes the way back.
  @Test func eachTableHasItsOwn() throws {
    let proxy = try Proxy(.socks5)
    let own = testHome.home.read(".config/sshproxy/config.toml") ?? ""
    try testHome.configure(
      """
      [connection]
      through = "exit 1"
      deadline = 60
      [prime]
      through = "\(proxy.url)"
      [dedalus]
      through = "direct"

      """ + own.replacing("[hosts.lab]\n", with: "[hosts.lab]\nthrough = \"nc %h %p\"\n"))
    try testHome.setUp()
    for alias in ["sb1.prime", "dm-abc.dedalus", "lab"] {
      let end = try testHome.ssh([alias, "true"])
      #expect(end.status == 0, "\(alias): \(end)")
    }
    #expect(eventually { proxy.destinations.count == 1 })
    let text = testHome.home.read(".config/sshproxy/config.toml") ?? ""
    try testHome.configure(text.replacing("deadline = 60", with: "deadline = 3"))
    let end = try testHome.ssh(["node1.tensorpool", "true"])
    #expect(end.status == 255, "\(end)")
  }

  @Test(arguments: Proxy.Kind.allCases) func aWrongPasswordIsFinal(_ kind: Proxy.Kind) throws {
    let proxy = try Proxy(kind)
    try configure(proxy.url.replacing(Proxy.password, with: "another-password"))
    try testHome.setUp()
    let end = try testHome.ssh(["lab", "true"])
    try end.expectTime(within: 10)
    #expect(end.status == 255, "\(end)")
    #expect(end.errors.contains("the proxy "), "\(end)")
    #expect(end.errors.contains("\"through\" in config.toml"), "\(end)")
    #expect(!end.errors.contains("another-password"))
  }

  /// Where a proxy is for the API alone, the direct way may fail for want of it.
  @Test(arguments: ["HTTPS_PROXY", "ALL_PROXY"]) func theHintNamesTheProxy(_ name: String) throws {
    try testHome.configure(
      """
      [connection]
      deadline = 1
      [hosts.gone]
      provider = "static"
      host = "127.0.0.1"
      port = \(try freePort())

      """)
    try testHome.setUp()
    #expect(try !testHome.ssh(["gone", "true"]).errors.contains("through ="))
    testHome.environment[name] = "http://127.0.0.1:9"
    let end = try testHome.ssh(["gone", "true"])
    #expect(end.errors.contains("\(name) is set"), "\(end)")
    #expect(end.errors.contains("through = \"http://HOST:PORT\""), "\(end)")
  }

  /// The command is for every host, the one that it goes by included.
  @Test(arguments: [true, false])
  func aWayThroughItselfEnds(fdpass: Bool) throws {
    try configure("ssh -F \(testHome.sshConfiguration) -W %h:%p lab")
    // Until then it is tried again, as any command that ends.
    let text = testHome.home.read(".config/sshproxy/config.toml") ?? ""
    try testHome.configure(text.replacing("deadline = 20", with: "deadline = 4"))
    try testHome.setUp(fdpass: fdpass)
    for words in [["lab", "true"], ["node1.tensorpool", "true"]] {
      let end = try testHome.ssh(words)
      try end.expectTime(within: 12)
      #expect(end.status == 255, "\(end)")
      #expect(end.errors.contains("the way to lab leads through lab itself"), "\(end)")
    }
    let exec = try testHome.sshproxy(["exec", "lab", "--", "true"])
    #expect(exec.status == 255 && exec.errors.contains("leads through lab itself"), "\(exec)")
    // What ssh has started ends within a second of ssh.
    try expectEventually(within: 1, "\(testHome.processes)") { testHome.processes.isEmpty }
    try testHome.configure(
      (testHome.home.read(".config/sshproxy/config.toml") ?? "")
        .replacing("[hosts.lab]", with: "[hosts.lab]\nthrough = \"direct\""))
    let end = try testHome.ssh(["node1.tensorpool", "echo $USER"])
    #expect(end.status == 0 && end.output == "ubuntu\n", "\(end)")
  }
}
