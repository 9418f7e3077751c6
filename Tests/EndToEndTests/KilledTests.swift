import Foundation
import SystemIO
import TestSupport
import Testing

/// ssh is killed in each phase: within a second nothing of ours runs any more, and what is left on
/// the disk is no half session.
@Suite(.serialized, .timed) struct KilledTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  static let signals = [SIGKILL, SIGTERM]
  /// What the contract promises, and the time to look.
  static let limit = 1.2

  @Test(arguments: signals, ["sb1.prime", "dm-abc.dedalus", "node1.tensorpool"])
  func duringAnAPICall(_ signal: Int32, alias: String) throws {
    try testHome.setUp()
    try simulator.scenario(#"{"faults": [{"path": ".", "times": -1, "delay_ms": 15000}]}"#)
    let ssh = try testHome.startSSH([alias, "true"])
    try #require(try eventually { try !simulator.requests().isEmpty })
    try kill(ssh, signal)
    try expectNoHalfState(alias)
  }

  /// Debian's sh, unlike bash, may stay between ssh and the program that it runs.
  @Test(arguments: ["/bin/dash", "/bin/bash"])
  func underEachShell(_ shell: String) throws {
    testHome.environment["SHELL"] = shell
    try testHome.setUp()
    try simulator.scenario(#"{"faults": [{"path": ".", "times": -1, "delay_ms": 15000}]}"#)
    let ssh = try testHome.startSSH(["sb1.prime", "true"])
    try #require(try eventually { try !simulator.requests().isEmpty })
    try kill(ssh, SIGKILL)
  }

  /// `connect` itself has a session made.
  @Test(arguments: signals)
  func duringAnAPICallOfThePlainLine(_ signal: Int32) throws {
    try simulator.scenario(#"{"faults": [{"path": ".", "times": -1, "delay_ms": 15000}]}"#)
    let line = "ProxyCommand=\(BuiltProgram.sshproxy) %h"
    let ssh = try testHome.startSSH(["-o", line, "sb1.prime", "true"])
    try #require(try eventually { try !simulator.requests().isEmpty })
    try kill(ssh, signal)
    try expectNoHalfState("sb1.prime")
  }

  @Test(arguments: signals)
  func whileTheMachineWakes(_ signal: Int32) throws {
    try testHome.setUp()
    try simulator.scenario(#"{"dedalus": {"wake_polls": 1000, "retry_after_ms": 20000}}"#)
    let ssh = try testHome.startSSH(["dm-abc.dedalus", "true"])
    try #require(try eventually { try simulator.requests().contains { $0.status == 200 } })
    try kill(ssh, signal)
    try expectNoHalfState("dm-abc.dedalus")
  }

  @Test(arguments: signals, [true, false])
  func whileTheExposureIsOnItsWay(_ signal: Int32, fdpass: Bool) throws {
    try simulator.scenario(#"{"prime": {"exposure_delay_ms": 60000}}"#)
    try testHome.setUp(fdpass: fdpass)
    let ssh = try testHome.startSSH(["sb1.prime", "true"])
    try #require(eventually { testHome.proxies.contains { $0.words.contains("connect") } })
    try kill(ssh, signal)
  }

  @Test(arguments: signals, [true, false])
  func whileTheServerIsSilent(_ signal: Int32, fdpass: Bool) throws {
    try simulator.scenario(#"{"plain": {"endpoint": "silent"}}"#)
    try testHome.setUp(fdpass: fdpass)
    let ssh = try testHome.startSSH(["lab", "true"])
    try #require(eventually { testHome.proxies.contains { $0.words.contains("connect") } })
    try kill(ssh, signal)
  }

  @Test(arguments: signals, ["splice", "copy"])
  func inTheStream(_ signal: Int32, relay: String) throws {
    try testHome.setUp(fdpass: false)
    testHome.environment["SSHPROXY_RELAY"] = relay
    let ssh = try testHome.startSSH(["dm-abc.dedalus", "echo ready; sleep 30"])
    try #require(eventually { ssh.output == "ready\n" })
    try kill(ssh, signal)
    #expect(try eventually { try simulator.state().connections == 0 })
  }

  @Test(arguments: signals, ["splice", "copy"])
  func inAFullStream(_ signal: Int32, relay: String) throws {
    try testHome.setUp(fdpass: false)
    testHome.environment["SSHPROXY_RELAY"] = relay
    // Nobody reads what comes, so that the relay is stuck at it.
    let pipe = try SystemIO.Pipe()
    let ssh = try testHome.start(
      TestHome.ssh, ["-F", testHome.sshConfiguration, "lab", "yes"], output: pipe.writing.number)
    try #require(eventually { isFull(pipe.writing.number) })
    try kill(ssh, signal)
  }

  private func isFull(_ descriptor: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    return poll(&item, 1, 0) == 0
  }

  private func kill(_ ssh: RunningProgram, _ signal: Int32) throws {
    ssh.signal(signal)
    // Once it streams, ssh ends by itself at SIGTERM.
    let status = ssh.end().status
    #expect(status == 128 + signal || (signal == SIGTERM && status == 255), "\(status)")
    try expectEventually(within: Self.limit, "\(testHome.proxies)") { testHome.proxies.isEmpty }
  }

  /// No session without its record, no pointer to nowhere, no temporary file; and the next ssh
  /// works. A wake that was interrupted is taken up by it.
  private func expectNoHalfState(_ alias: String) throws {
    let folder = "\(TestHome.state)/sessions/\(alias)"
    for name in testHome.home.names(in: folder) where !["lock", "pending"].contains(name) {
      #expect(testHome.home.exists("\(folder)/\(name)/record"), "\(name)")
    }
    let names = try FileManager.default.subpathsOfDirectory(atPath: testHome.home.path)
    let temporary = names.filter { ($0 as NSString).lastPathComponent.hasPrefix(".") }
    #expect(Set(temporary).isSubset(of: [".local", ".config"]), "\(temporary)")
    try simulator.reset()
    if !testHome.home.exists("sshproxy.conf") { try testHome.setUp() }
    let end = try testHome.ssh([alias, "true"])
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
  }
}
