import Foundation
import TestSupport
import Testing

/// What programs without `Match … exec` are given: `resolve --ssh-config`, and the file `ssh_hosts`.
@Suite(.serialized, .timed) struct StaticBlockTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  static let aliases = [
    "sb1.prime", "vm1.prime", "dm-abc.dedalus", "node1.tensorpool", "lab", "mine",
  ]

  @Test(arguments: aliases)
  func logsInWithoutAnyOtherConfiguration(_ alias: String) throws {
    let block = try testHome.sshproxy(["resolve", "--ssh-config", alias])
    #expect(block.status == 0, "\(block)")
    let first = block.output.split(separator: "\n").first ?? ""
    #expect(
      first.wholeMatch(of: /# For the session of \S+, until 20\d\d-\d\d-\d\dT[\d:]+Z\. .*/) != nil)
    #expect(!block.output.contains("dpass") && !block.output.contains("Match"))
    let user = testHome.home.read("ssh_config") ?? ""
    try testHome.home.write(block.output + user, to: "static_config", mode: 0o600)
    let end = try testHome.start(
      TestHome.ssh, ["-F", testHome.home.path(of: "static_config"), alias, "echo $USER"]
    ).end()
    #expect(end.status == 0, "\(end)")
    #expect(end.output.count > 1)
    #expect(try simulator.requests().filter { $0.method == "POST" }.count <= 2)
    // The stored session is shown again, and nobody is asked.
    let calls = try simulator.requests().count
    #expect(try testHome.sshproxy(["resolve", "--ssh-config", alias]).output == block.output)
    #expect(try simulator.requests().count == calls)
  }

  @Test func hostLinesFollowTheSessions() throws {
    for alias in Self.aliases.prefix(4) {
      #expect(try testHome.sshproxy(["prepare", alias]).status == 0)
    }
    func hosts() -> [Substring] {
      (testHome.home.read("\(TestHome.state)/ssh_hosts") ?? "").split(separator: "\n")
        .filter { $0.hasPrefix("Host ") }
    }
    #expect(hosts() == Self.aliases.prefix(4).sorted().map { "Host \($0)" })
    #expect(try testHome.sshproxy(["close", "sb1.prime"]).status == 0)
    #expect(!hosts().contains("Host sb1.prime"))
    #expect(hosts().count == 3)
  }

  /// Other programs read `ssh_hosts` without asking us, so nothing in it may be out of date.
  @Test func aFailureTakesAnOldBlockAway() throws {
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    try testHome.home.age("sb1.prime", by: 10_000)
    testHome.environment["PRIME_API_KEY"] = "pit_refused"
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 77)
    for name in ["ssh_hosts", "ssh_config"] {
      #expect(testHome.home.read("\(TestHome.state)/\(name)")?.contains("sb1.prime") == false)
    }
  }
}
