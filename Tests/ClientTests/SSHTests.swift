import TestSupport
import Testing

/// ssh itself, with the options that people use.
@Suite(.serialized, .timed) struct SSHTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    try Clients.require("ssh", "curl", "script", "ssh-agent")
    simulator = try Self.shared.fresh()
    testHome = try TestHome.ofUserAfterSetup(simulator)
  }

  @Test(arguments: machines)
  func logsIn(_ machine: String) throws {
    let end = try testHome.run("ssh \(machine) 'cat; exit 5' <<< input")
    #expect(end.status == 5, "\(end)")
    #expect(end.output == "input\n")
    #expect(end.errors == "")
  }

  @Test(arguments: machines)
  func localForwarding(_ machine: String) throws {
    let port = try freePort()
    let end = try testHome.run(
      """
      ssh -f -N -M -S master -o ExitOnForwardFailure=yes -L \(port):\(address) \(machine)
      curl --fail --silent http://127.0.0.1:\(port)/_simulator/state
      ssh -S master -O exit \(machine)
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output.contains(#""prime""#), "\(end)")
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
  }

  @Test(arguments: machines)
  func remoteForwarding(_ machine: String) throws {
    let port = try freePort()
    let end = try testHome.run(
      """
      ssh -o ExitOnForwardFailure=yes -R \(port):\(address) \(machine) \
        curl --fail --silent http://127.0.0.1:\(port)/_simulator/state
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output.contains(#""prime""#), "\(end)")
  }

  @Test(arguments: machines)
  func dynamicForwarding(_ machine: String) throws {
    let port = try freePort()
    let end = try testHome.run(
      """
      ssh -f -N -M -S master -o ExitOnForwardFailure=yes -D \(port) \(machine)
      curl --fail --silent --socks5-hostname 127.0.0.1:\(port) \(simulator.url)/_simulator/state
      ssh -S master -O exit \(machine)
      """)
    #expect(end.status == 0, "\(end)")
    #expect(end.output.contains(#""prime""#), "\(end)")
  }

  /// The machine sees the agent, with the user's key and nothing of ours in it.
  @Test(arguments: machines)
  func agentForwarding(_ machine: String) throws {
    let end = try testHome.run(
      """
      mv .ssh/id_ed25519 mine
      \(Self.agent)
      ssh-add -q mine
      ssh -A \(machine) ssh-add -l
      ssh-add -l
      """)
    #expect(end.status == 0, "\(end)")
    let lines = end.output.split(separator: "\n")
    #expect(lines.count == 2 && lines[0] == lines[1], "\(end)")
  }

  private static let agent = """
    eval "$(ssh-agent -s)" >/dev/null
    trap 'ssh-agent -k >/dev/null' EXIT
    """

  /// Without forwarding there is no agent on the other side.
  @Test func noAgentUnlessAskedFor() throws {
    let end = try testHome.run(
      "\(Self.agent)\nssh-add -q .ssh/id_ed25519; ssh sb1.prime ssh-add -l")
    #expect(end.status == 2, "\(end)")
  }

  @Test(arguments: machines)
  func terminal(_ machine: String) throws {
    let end = try testHome.run(
      """
      script -qec "stty rows 33 cols 111; ssh -t \(machine) 'tty; stty size; exit 4'" /dev/null
      """)
    #expect(end.status == 4, "\(end)")
    #expect(end.output.contains("/dev/pts/"), "\(end)")
    #expect(end.output.contains("33 111\r\n"), "\(end)")
  }

  private var address: Substring { simulator.url.dropFirst("http://".count) }
}
