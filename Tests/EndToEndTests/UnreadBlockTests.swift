import Foundation
import TestSupport
import Testing

/// ssh goes on where its `prepare` has failed, and has read nothing of the session that `connect` finds or makes
/// then: whoever is at the endpoint would have to prove itself to the user's own known hosts, under the alias.
@Suite(.serialized, .timed) struct UnreadBlockTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome(simulator)
  }

  /// Who can hold back what is asked of the API, and sits on the way to the machine.
  @Test(arguments: [
    (alias: "dm-abc.dedalus", fdpass: true, words: 1), ("dm-abc.dedalus", false, 1),
    ("sb1.prime", true, 1), ("dm-abc.dedalus", true, 8),
  ])
  func leadsToNoHostThatHasToProveItself(_ alias: String, fdpass: Bool, words: Int) throws {
    try testHome.configure("[connection]\ndeadline = 2\n")
    try testHome.setUp(fdpass: fdpass)
    // Many have one that looks whether a VPN is there.
    let own = try #require(testHome.home.read("ssh_config")) + "Match exec \"sleep 3\"\n"
    try testHome.home.write(own, to: "ssh_config", mode: 0o600)
    try simulator.scenario(
      #"{"dedalus": {"host_certificate": "other_authority"}, "faults": [{"delay_ms": 2500}]}"#)
    // As long a command line as the system takes is ssh's all the same.
    let command = [String](repeating: ":" + String(repeating: " ", count: 100_000), count: words)
    let end = try testHome.ssh([alias] + command)
    #expect(end.status == 255, "\(end)")
    #expect(testHome.home.read("known_hosts") == nil, "\(end)")
    #expect(end.errors.contains("ssh has read nothing of it"), "\(end)")
    // The hint. Who sits in between has to prove itself to the session's authority.
    let again = try testHome.ssh([alias, "true"])
    #expect((again.status == 0) == (alias == "sb1.prime"), "\(again)")
    #expect(testHome.home.read("known_hosts") == nil, "\(again)")
  }

  /// What `setup` has kept in the state directory has been removed, or `setup` has run on another computer; and the
  /// session is one that its lines have not made.
  @Test(arguments: [true, false]) func norWhereNothingSaysWhatSSHCalls(_ fdpass: Bool) throws {
    try testHome.configure("[connection]\ndeadline = 2\n")
    try testHome.setUp(fdpass: fdpass)
    try FileManager.default.removeItem(atPath: testHome.home.path(of: TestHome.state))
    let own =
      try #require(testHome.home.read("ssh_config"))
      + "Match exec \"'\(BuiltProgram.sshproxy)' prepare dm-abc.dedalus\"\n"
    try testHome.home.write(own, to: "ssh_config", mode: 0o600)
    try simulator.scenario(
      #"{"dedalus": {"host_certificate": "other_authority"}, "faults": [{"delay_ms": 2500}]}"#)
    let end = try testHome.ssh(["dm-abc.dedalus", "true"])
    #expect(end.status == 255 && end.errors.contains("ssh has read nothing of it"), "\(end)")
    #expect(testHome.home.read("known_hosts") == nil, "\(end)")
  }

  /// A session that is not for what `config.toml` says loses its block where no other can be made. As the file
  /// was before, with its date, that session does not count again.
  @Test func aSessionCountsWithItsBlockAlone() throws {
    try testHome.configure("")
    try testHome.setUp()
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    let file = testHome.home.path(of: ".config/sshproxy/config.toml")
    #expect(
      try testHome.shell("touch -d '-1 hour' '\(file)' && cp -p '\(file)' '\(file).old'").status
        == 0)
    try testHome.configure("[prime]\nthrough = \"http://127.0.0.1:1\"\n")
    try simulator.scenario(#"{"faults": [{"method": "POST", "status": 403, "times": -1}]}"#)
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 255)
    #expect(try testHome.shell("mv '\(file).old' '\(file)'").status == 0)
    try simulator.scenario(#"{"faults": []}"#)
    let end = try testHome.ssh(["sb1.prime", "true"])
    #expect(end.status == 0, "\(end)")
    #expect(testHome.home.read("known_hosts") == nil, "\(end)")
  }
}
