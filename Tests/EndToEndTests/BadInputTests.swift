import Foundation
import TestSupport
import Testing

/// Bad input is said in one line, with a hint, and changes nothing.
@Suite(.serialized) struct BadInputTests {
  static let stage = SharedSimulator()
  let simulator: Simulator
  let place: TestHome
  /// Two seconds by contract; the rest is for a busy machine.
  static let limit = 5.0 * Sanitizers.slowness

  init() throws {
    simulator = try Self.stage.fresh()
    place = try TestHome.furnished(simulator)
    // A session of another alias, so that there is a generated configuration to be left alone.
    try place.setUp()
    let end = try place.sshproxy(["prepare", "sb7.prime"])
    try #require(end.status == 0, "\(end)")
  }

  private func arrange(_ input: BadInput) throws {
    if !input.scenario.isEmpty { try simulator.scenario(input.scenario) }
    place.environment.merge(input.environment) { _, new in new }
    if !input.configuration.isEmpty { try place.configure(input.configuration) }
    if let mode = input.stateMode {
      try FileManager.default.setAttributes(
        [.posixPermissions: mode], ofItemAtPath: place.home.path(of: TestHome.state))
    }
  }

  /// By itself, and by the real ssh, whose `connect` is not to say it again.
  @Test(arguments: BadInput.all)
  func isSaidOnce(_ input: BadInput) throws {
    try arrange(input)
    let before = try snapshot()
    let end = try place.sshproxy(["prepare", input.alias])
    #expect(end.status == input.status, "\(end)")
    expectOneError(end, input)
    #expect(end.errors.split(separator: "\n").allSatisfy { $0.hasPrefix("sshproxy: ") }, "\(end)")
    #expect(try snapshot() == before)
    guard input.reachesUs else { return }
    let ssh = try place.ssh([input.alias, "true"])
    #expect(ssh.status == 255, "\(ssh)")
    expectOneError(ssh, input)
    #expect(try snapshot() == before)
  }

  /// One line with the alias and the cause, at most one hint, nothing that a terminal obeys.
  private func expectOneError(_ end: ProgramEnd, _ input: BadInput) {
    #expect(end.output == "", "\(end)")
    #expect(end.seconds < Self.limit, "\(end)")
    let errors = end.errorLines("sshproxy: error: ")
    #expect(errors.count == 1, "\(end)")
    #expect(errors.first?.contains(input.cause) == true, "\(end)")
    let name = input.alias.contains("\u{1b}") ? "a?[31m.prime" : String(input.alias.prefix(80))
    #expect(errors.first?.contains(name) == true, "\(end)")
    #expect(end.errorLines("sshproxy: hint: ").count <= 1, "\(end)")
    #expect(end.errors.unicodeScalars.allSatisfy { $0 == "\n" || $0 == "\r" || $0.value >= 0x20 })
    #expect(errors.first?.hasSuffix(".") == false, "\(end)")
  }

  /// ssh's configuration, ours, the generated one, and every file of a session. What was listed, in case an
  /// unknown id is a name, is none of them.
  private func snapshot() throws -> [String: Data] {
    try place.snapshot().filter { name, _ in
      !name.hasSuffix("/lock") && name != TestHome.state + "/machines"
    }
  }

  @Test(
    arguments: [("cut short", 40), ("cut at once", 0)], ["node1.tensorpool", "dm-abc.dedalus"])
  func answerCutShortIsAskedForAgain(_ cut: (String, Int), alias: String) throws {
    try simulator.scenario(#"{"faults": [{"path": ".", "times": 1, "cut_after": \#(cut.1)}]}"#)
    let end = try place.sshproxy(["prepare", alias])
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
  }

  /// Prime's create may have been carried out: it is not sent again.
  @Test func answerCutShortIsFinalForACreation() throws {
    try simulator.scenario(#"{"faults": [{"times": -1, "path": "ssh-session$", "cut_after": 40}]}"#)
    let before = try simulator.requests().count
    let end = try place.sshproxy(["prepare", "sb1.prime"])
    #expect(end.status == 69, "\(end)")
    #expect(end.seconds < Self.limit)
    #expect(end.errorLines("sshproxy: error: sb1.prime: ").count == 1, "\(end)")
    #expect(try simulator.requests().count == before + 1)
  }

  @Test func certificateThatDoesNotVerify() throws {
    let tunnel = try Tunnel(to: simulator, in: place.home)
    place.environment["PRIME_API_BASE_URL"] = tunnel.url
    let calls = try simulator.requests().count
    let refused = try place.sshproxy(["prepare", "sb1.prime"])
    #expect(refused.status == 69, "\(refused)")
    #expect(refused.seconds < Self.limit)
    #expect(refused.errorLines("sshproxy: error: sb1.prime: ").count == 1, "\(refused)")
    #expect(refused.errors.contains("certificate does not verify"), "\(refused)")
    #expect(refused.errorLines("sshproxy: hint: ").count == 1, "\(refused)")
    #expect(try simulator.requests().count == calls)
    // The same server, believed because the user says so; it is the certificate that was refused.
    for variable in ["SSL_CERT_FILE", "CURL_CA_BUNDLE"] {
      place.environment[variable] = tunnel.authority
      let taken = try place.sshproxy(["prepare", "vm1.prime"])
      #expect(taken.status == 0, "\(taken)")
      place.environment[variable] = nil
    }
  }

  /// libcurl is loaded for a request, and for nothing else.
  @Test func libcurlThatCannotBeLoaded() throws {
    try place.home.write("no library", to: "lib/libcurl.so.4")
    place.environment["LD_LIBRARY_PATH"] = place.home.path(of: "lib")
    let warm = try place.sshproxy(["exec", "sb7.prime", "--", "true"])
    #expect(warm.status == 0, "\(warm)")
    let end = try place.sshproxy(["prepare", "sb1.prime"])
    #expect(end.status == 70, "\(end)")
    let errors = end.errorLines("sshproxy: error: sb1.prime: ")
    #expect(errors.count == 1 && errors[0].contains("libcurl cannot be loaded"), "\(end)")
    #expect(end.errorLines("sshproxy: hint: ").count == 1, "\(end)")
    let check = try place.sshproxy(["check"])
    #expect(check.status != 0 && check.output.contains("libcurl cannot be loaded"), "\(check)")
  }
}

extension BadInput: CustomTestStringConvertible {
  var testDescription: String { name }
}
