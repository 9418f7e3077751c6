import Foundation
import TestSupport
import Testing

/// The user edits config.toml while sessions are stored.
@Suite(.serialized, .timed) struct EditedConfigurationTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// - Parameter deadline: in seconds; short where nobody answers.
  private func configure(port: Int, deadline: Int = 60) throws {
    try testHome.configureLab(port: port, connection: "deadline = \(deadline)")
  }

  @Test(arguments: [true, false])
  func theNextLoginGoesWhereTheFileSays(isSetUp: Bool) throws {
    if isSetUp { try testHome.setUp() }
    let line = isSetUp ? [] : ["-o", "ProxyCommand=\(BuiltProgram.sshproxy) %h"]
    let port = try #require(simulator.ports["plain"])
    try configure(port: port)
    #expect(try testHome.ssh(line + ["lab", "true"]).status == 0)
    try configure(port: 1, deadline: 1)
    let other = try testHome.ssh(line + ["lab", "true"])
    #expect(other.status == 255 && other.errors.contains("127.0.0.1 port 1: "), "\(other)")
    try configure(port: port)
    #expect(try testHome.ssh(line + ["lab", "true"]).status == 0)
  }

  @Test func otherEditsCostNoCall() throws {
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    let calls = try simulator.requests().count
    let before = try session()
    try testHome.configure("[dedalus]\nsuffix = \"ded\"\n")
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    #expect(try session() == before)
    #expect(try simulator.requests().count == calls)
  }

  /// A machine that the alias no longer means is not entered, whatever happens.
  @Test func theOldMachineIsNotFallenBackTo() throws {
    try testHome.configure("[hosts.gpu]\nprovider = \"prime\"\nid = \"sb1\"\n")
    #expect(try testHome.sshproxy(["prepare", "gpu"]).status == 0)
    try testHome.configure("[hosts.gpu]\nprovider = \"prime\"\nid = \"sb2\"\n")
    testHome.environment["PRIME_API_KEY"] = "pit_wrong"
    let meaning = try testHome.sshproxy(["resolve", "--json", "gpu"])
    #expect(meaning.output.contains("\"session\": null"), "\(meaning)")
    let end = try testHome.sshproxy(["gpu"])
    #expect(end.status == 77 && end.output.isEmpty, "\(end)")
  }

  /// What `prepare` would give up is not shown: here the record has a password that counts no more.
  @Test func aSessionWithAnotherPasswordIsNotShown() throws {
    func configure(_ password: String) throws {
      try testHome.configure("[connection]\nthrough = \"http://me:\(password)@127.0.0.1:1\"\n")
    }
    try configure("old")
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    func resolved() throws -> String {
      try testHome.sshproxy(["resolve", "--json", "sb1.prime"]).output
    }
    #expect(try !resolved().contains("\"session\": null"))
    try configure("new")
    #expect(try resolved().contains("\"session\": null"))
  }

  @Test func aTypeErrorIsSaidAtOnce() throws {
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    try testHome.configure("[connection]\ndeadline = \"soon\"\n")
    let end = try testHome.sshproxy(["sb1.prime"])
    #expect(end.status == 78 && end.errorLines("sshproxy: error: ").count == 1, "\(end)")
  }

  private func session() throws -> String {
    try FileManager.default.destinationOfSymbolicLink(
      atPath: testHome.home.path(of: "\(TestHome.state)/sessions/sb1.prime/current"))
  }
}
