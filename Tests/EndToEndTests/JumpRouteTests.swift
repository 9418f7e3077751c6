import SystemIO
import TestSupport
import Testing

/// Through an endpoint to another SSH server, end to end with the user's own key.
@Suite(.serialized, .timed) struct JumpRouteTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private var target: String { "127.0.0.1:\(simulator.ports["plain"] ?? 0)" }

  private func words(_ rest: [String]) -> [String] {
    let command =
      "ProxyCommand='\(BuiltProgram.sshproxy)' connect --jump-to \(target) \(Machine.dedalus.alias)"
    return ["-o", command, "-o", "User=user"] + rest
  }

  @Test func sshLogsInToTheFarServer() throws {
    let end = try testHome.ssh(words(["far", "echo $USER; exit 7"]))
    #expect(end.status == 7, "\(end)")
    #expect(end.output == "user\n")
  }

  @Test func bytesPassUnchangedBothWays() throws {
    let file = testHome.home.path(of: "data")
    let made = try testHome.shell("head -c 30000000 /dev/urandom | base64 > '\(file)'")
    #expect(made.status == 0)
    // Less than the client's keepalive: a stall that only that ends is a failure.
    let end = try testHome.ssh(words(["far", "cat"]), input: .file(file), within: 200)
    try end.expectTime(within: 25)
    #expect(end.status == 0, "\(end.errors)")
    let back = testHome.home.path(of: "back")
    let copied = try testHome.shell(
      "scp -q -S '\(TestHome.ssh)' -F '\(testHome.sshConfiguration)' "
        + words([]).map { "\"\($0)\"" }.joined(separator: " ")
        + " '\(file)' 'far:\(back)' && cmp '\(file)' '\(back)' && echo same", within: 200)
    try copied.expectTime(within: 25)
    #expect(copied.output == "same\n", "\(copied)")
  }

  @Test func routeOfTheConfigurationIsTaken() throws {
    try testHome.configure("[dedalus]\nroute = \"jump\"\njump_target = \"\(target)\"\n")
    let end = try testHome.sshproxy([Machine.dedalus.alias])
    #expect(end.output.hasPrefix("SSH-2.0-"), "\(end)")
    #expect(end.status == 0)
  }

  /// `prepare` and libssh2 use one session.
  @Test func oneSessionServesBothCalls() throws {
    try testHome.configure("[dedalus]\nroute = \"jump\"\njump_target = \"\(target)\"\n")
    try testHome.setUp()
    for _ in 0..<2 {
      let end = try testHome.ssh(["-o", "User=user", Machine.dedalus.alias, "echo $USER"])
      #expect(end.status == 0 && end.output == "user\n", "\(end)")
    }
    #expect(try simulator.state().dedalus.sessions.count == 1)
  }

  /// Without the block, ssh would wait for a socket that nobody passes.
  @Test func theBlockIsWrittenAgainWhenItIsGone() throws {
    try testHome.configure("[dedalus]\nroute = \"jump\"\njump_target = \"\(target)\"\n")
    try testHome.setUp()
    let words = ["-o", "User=user", Machine.dedalus.alias, "true"]
    #expect(try testHome.ssh(words).status == 0)
    unlink(testHome.home.path(of: "\(TestHome.state)/ssh_config"))
    let end = try testHome.ssh(words)
    #expect(end.status == 0, "\(end)")
  }

  @Test func closedFarPortNamesTheDirectRoute() throws {
    let end = try testHome.sshproxy(
      ["connect", "--jump-to", "127.0.0.1:1", Machine.dedalus.alias])
    #expect(end.status == 69, "\(end)")
    #expect(end.output == "")
    #expect(end.errorLines("sshproxy: error:").count == 1)
    #expect(end.errorLines("sshproxy: hint:").first?.contains("direct") == true)
  }

  @Test func targetThatIsNoneIsAUsageError() throws {
    let end = try testHome.sshproxy(["connect", "--jump-to", "nowhere", Machine.dedalus.alias])
    #expect(end.status == 64, "\(end)")
    #expect(try simulator.requests().isEmpty)
  }
}
