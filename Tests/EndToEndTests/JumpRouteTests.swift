import SystemIO
import TestSupport
import Testing

/// Through an endpoint to another SSH server, end to end with the user's own key.
@Suite(.serialized, .timed) struct JumpRouteTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let place: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    place = try TestHome.furnished(simulator)
  }

  private var target: String { "127.0.0.1:\(simulator.ports["plain"] ?? 0)" }

  private func words(_ rest: [String]) -> [String] {
    let command =
      "ProxyCommand='\(BuiltProgram.sshproxy)' connect --jump-to \(target) \(Machine.dedalus.alias)"
    return ["-o", command, "-o", "User=user"] + rest
  }

  @Test func sshLogsInToTheFarServer() throws {
    let end = try place.ssh(words(["far", "echo $USER; exit 7"]))
    #expect(end.status == 7, "\(end)")
    #expect(end.output == "user\n")
  }

  @Test func bytesPassUnchangedBothWays() throws {
    let file = place.home.path(of: "data")
    let made = try place.shell("head -c 30000000 /dev/urandom | base64 > '\(file)'")
    #expect(made.status == 0)
    // Less than the client's keepalive: a stall that only that ends is a failure.
    let end = try place.ssh(words(["far", "cat"]), input: .file(file), within: 200)
    try end.expectTime(within: 25)
    #expect(end.status == 0, "\(end.errors)")
    let back = place.home.path(of: "back")
    let copied = try place.shell(
      "scp -q -S '\(TestHome.ssh)' -F '\(place.sshConfiguration)' "
        + words([]).map { "\"\($0)\"" }.joined(separator: " ")
        + " '\(file)' 'far:\(back)' && cmp '\(file)' '\(back)' && echo same", within: 200)
    try copied.expectTime(within: 25)
    #expect(copied.output == "same\n", "\(copied)")
  }

  @Test func routeOfTheConfigurationIsTaken() throws {
    try place.configure("[dedalus]\nroute = \"jump\"\njump_target = \"\(target)\"\n")
    let end = try place.sshproxy([Machine.dedalus.alias])
    #expect(end.output.hasPrefix("SSH-2.0-"), "\(end)")
    #expect(end.status == 0)
  }

  /// `prepare` and libssh2 use one session.
  @Test func oneSessionServesBothCalls() throws {
    try place.configure("[dedalus]\nroute = \"jump\"\njump_target = \"\(target)\"\n")
    try place.setUp()
    for _ in 0..<2 {
      let end = try place.ssh(["-o", "User=user", Machine.dedalus.alias, "echo $USER"])
      #expect(end.status == 0 && end.output == "user\n", "\(end)")
    }
    #expect(try simulator.state().dedalus.sessions.count == 1)
  }

  /// Without the block, ssh would wait for a socket that nobody passes.
  @Test func theBlockIsWrittenAgainWhenItIsGone() throws {
    try place.configure("[dedalus]\nroute = \"jump\"\njump_target = \"\(target)\"\n")
    try place.setUp()
    let words = ["-o", "User=user", Machine.dedalus.alias, "true"]
    #expect(try place.ssh(words).status == 0)
    unlink(place.home.path(of: "\(TestHome.state)/ssh_config"))
    let end = try place.ssh(words)
    #expect(end.status == 0, "\(end)")
  }

  @Test func closedFarPortNamesTheDirectRoute() throws {
    let end = try place.sshproxy(
      ["connect", "--jump-to", "127.0.0.1:1", Machine.dedalus.alias])
    #expect(end.status == 69, "\(end)")
    #expect(end.output == "")
    #expect(end.errorLines("sshproxy: error:").count == 1)
    #expect(end.errorLines("sshproxy: hint:").first?.contains("direct") == true)
  }

  @Test func targetThatIsNoneIsAUsageError() throws {
    let end = try place.sshproxy(["connect", "--jump-to", "nowhere", Machine.dedalus.alias])
    #expect(end.status == 64, "\(end)")
    #expect(try simulator.requests().isEmpty)
  }
}
