import Foundation
import TestSupport
import Testing

/// TensorPool names a host to go through, and may name any host of the user's as the one behind it.
@Suite(.serialized, .timed) struct JumpHostTests {
  static let stage = SharedSimulator()
  static let alias = "node1.tensorpool"
  let simulator: Simulator
  let place: TestHome

  init() throws {
    simulator = try Self.stage.fresh()
    place = try TestHome.furnished(simulator)
    // What the user has for hosts of their own, of which the answer names one.
    let own = """

      Match host localhost
          ForwardAgent yes
          PermitLocalCommand yes
          LocalCommand touch \(place.home.path)/local-command
      Host *
          ControlMaster auto
          ControlPersist 10
          ControlPath \(place.home.path)/%r@%h:%p

      """
    let text = try #require(place.home.read("ssh_config"))
    try place.home.write(text + own, to: "ssh_config", mode: 0o644)
    try place.setUp()
    try simulator.scenario(
      #"""
      {"tensorpool": {"command": "ssh -J {login}@{host}:{port} -p {port} {login}@localhost"}}
      """#)
  }

  @Test func theHostBehindItIsNoneOfTheUsersOwn() throws {
    let shown = try place.ssh(["-G", Self.alias]).output.split(separator: "\n")
    for line in ["hostname \(Self.alias)", "forwardagent no", "permitlocalcommand no"] {
      #expect(shown.contains { $0 == line }, "\(line)")
    }
    #expect(!shown.contains { $0.hasPrefix("proxyjump ") })
    let end = try place.ssh([Self.alias, "echo $USER"])
    #expect(end.status == 0 && end.output == "ubuntu\n", "\(end)")
    let port = simulator.ports["tensorpool"] ?? 0
    let known = place.home.read("known_hosts") ?? ""
    #expect(known.contains("\(Self.alias)_localhost_\(port) "), "\(known)")
    #expect(!known.contains("[localhost]:\(port)"), "\(known)")
    #expect(!FileManager.default.fileExists(atPath: place.home.path(of: "local-command")))
    // Another ssh of the user's would find this connection under the name of its own host.
    let names = place.home.names(in: "").filter { $0.contains("@") }
    #expect(names.contains("ubuntu@\(Self.alias):22"), "\(names)")
    #expect(!names.contains { $0.hasPrefix("ubuntu@localhost") }, "\(names)")
  }

  @Test func allWaysLeadThroughIt() throws {
    let direct = try place.sshproxy(["ssh", Self.alias, "-F", place.sshConfiguration, "echo $USER"])
    #expect(direct.status == 0 && direct.output == "ubuntu\n", "\(direct)")
    let block = try place.sshproxy(["resolve", "--ssh-config", Self.alias])
    #expect(block.output.contains("connect '\(Self.alias)'"), "\(block)")
    for word in ["ProxyJump", "HostName", "localhost\n"] {
      #expect(!block.output.contains(word), "\(block)")
    }
    let exec = try place.sshproxy(["exec", Self.alias, "--", "true"])
    #expect(exec.status == 255 && exec.errors.contains("only OpenSSH can do"), "\(exec)")
  }

  /// ssh records the key of a second one under that one's name, and the first could answer in its place.
  @Test func ofSeveralNoneIsTaken() throws {
    try simulator.scenario(
      #"""
      {"tensorpool": {"command": "ssh -J {login}@{host}:{port},{login}@localhost:{port} {login}@localhost"}}
      """#)
    let end = try place.ssh([Self.alias, "true"])
    #expect(end.status == 255 && end.errors.contains("leads through 2 hosts"), "\(end)")
    #expect(place.home.read("known_hosts") == nil)
  }

  /// A host of the user's own that is reached through the very alias.
  @Test func aWayThroughItselfEnds() throws {
    let own = "Host *.internal\n    ProxyJump \(Self.alias)\n"
    let text = try #require(place.home.read("ssh_config"))
    // With ControlPersist, ssh throws away what its ProxyCommand says.
    let plain = text.replacing("ControlPersist 10", with: "ControlPersist no")
    try place.home.write(own + plain, to: "ssh_config", mode: 0o644)
    try place.setUp()
    try simulator.scenario(
      #"{"tensorpool": {"command": "ssh -J root@a.internal {login}@localhost"}}"#)
    let end = try place.ssh([Self.alias, "true"])
    try end.expectTime(within: 15)
    #expect(end.status == 255, "\(end)")
    #expect(end.errors.contains("leads through \(Self.alias) itself"), "\(end)")
    #expect(eventually { place.processes.isEmpty }, "\(place.processes)")
  }
}
