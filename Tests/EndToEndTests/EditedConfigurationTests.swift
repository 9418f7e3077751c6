import Foundation
import TestSupport
import Testing

/// The user edits config.toml while sessions are stored.
@Suite(.serialized, .timed) struct EditedConfigurationTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let place: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    place = try TestHome.furnished(simulator)
  }

  /// - Parameter deadline: in seconds; short where nobody answers.
  private func configure(port: Int, deadline: Int = 60) throws {
    try place.configureLab(port: port, connection: "deadline = \(deadline)")
  }

  @Test(arguments: [true, false])
  func theNextLoginGoesWhereTheFileSays(isSetUp: Bool) throws {
    if isSetUp { try place.setUp() }
    let line = isSetUp ? [] : ["-o", "ProxyCommand=\(BuiltProgram.sshproxy) %h"]
    let port = try #require(simulator.ports["plain"])
    try configure(port: port)
    #expect(try place.ssh(line + ["lab", "true"]).status == 0)
    try configure(port: 1, deadline: 1)
    let other = try place.ssh(line + ["lab", "true"])
    #expect(other.status == 255 && other.errors.contains("127.0.0.1 port 1: "), "\(other)")
    try configure(port: port)
    #expect(try place.ssh(line + ["lab", "true"]).status == 0)
  }

  @Test func otherEditsCostNoCall() throws {
    #expect(try place.sshproxy(["prepare", "sb1.prime"]).status == 0)
    let calls = try simulator.requests().count
    let before = try session()
    try place.configure("[dedalus]\nsuffix = \"ded\"\n")
    #expect(try place.sshproxy(["prepare", "sb1.prime"]).status == 0)
    #expect(try session() == before)
    #expect(try simulator.requests().count == calls)
  }

  /// A machine that the alias no longer means is not entered, whatever happens.
  @Test func theOldMachineIsNotFallenBackTo() throws {
    try place.configure("[hosts.gpu]\nprovider = \"prime\"\nid = \"sb1\"\n")
    #expect(try place.sshproxy(["prepare", "gpu"]).status == 0)
    try place.configure("[hosts.gpu]\nprovider = \"prime\"\nid = \"sb2\"\n")
    place.environment["PRIME_API_KEY"] = "pit_wrong"
    let meaning = try place.sshproxy(["resolve", "--json", "gpu"])
    #expect(meaning.output.contains("\"session\": null"), "\(meaning)")
    let end = try place.sshproxy(["gpu"])
    #expect(end.status == 77 && end.output.isEmpty, "\(end)")
  }

  @Test func aTypeErrorIsSaidAtOnce() throws {
    #expect(try place.sshproxy(["prepare", "sb1.prime"]).status == 0)
    try place.configure("[connection]\ndeadline = \"soon\"\n")
    let end = try place.sshproxy(["sb1.prime"])
    #expect(end.status == 78 && end.errorLines("sshproxy: error: ").count == 1, "\(end)")
  }

  private func session() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(
      atPath: place.home.path(of: "\(TestHome.state)/sessions/sb1.prime/current"))
  }
}
