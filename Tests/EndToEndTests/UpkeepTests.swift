import Foundation
import TestSupport
import Testing

/// What `prepare` has done behind ssh's back: nobody is locked out, and nobody who works finds a session
/// cold.
@Suite(.serialized, .timed) struct UpkeepTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// `ssh sb1.prime true; (the machine forgets the key); ssh sb1.prime true; ssh sb1.prime true`
  @Test(arguments: [Machine.primeToken, .dedalus])
  func forgottenKeyFailsOneSSHAtMost(machine: Machine) throws {
    try testHome.setUp()
    #expect(try testHome.ssh([machine.alias, "true"]).status == 0)
    try simulator.forgetAll()
    try testHome.home.age(machine.alias, by: 60)
    let second = try testHome.ssh([machine.alias, "true"])
    #expect(second.status == 255, "\(second)")
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
    let third = try testHome.ssh([machine.alias, "true"])
    #expect(third.status == 0 && third.errors == "", "\(third)")
  }

  /// The same with `sshproxy ssh`, which runs ssh itself: none fails.
  @Test(arguments: [Machine.primeToken, .dedalus])
  func forgottenKeyFailsNoSSHOfOurOwn(machine: Machine) throws {
    let words = ["ssh", machine.alias, "-F", testHome.sshConfiguration, "echo $USER"]
    let first = try testHome.sshproxy(words)
    #expect(first.status == 0, "\(first)")
    try simulator.forgetAll()
    try testHome.home.age(machine.alias, by: 60)
    let second = try testHome.sshproxy(words)
    #expect(second.status == 0 && second.errors == "", "\(second)")
    #expect(second.output != first.output)
  }

  /// Many logins ask once; one that was confirmed just now asks nothing.
  @Test func manyLoginsAskOnce() throws {
    try testHome.setUp()
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    try testHome.home.age("sb1.prime", by: 60)
    for _ in 0..<4 { #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0) }
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
    #expect(try posts("/authorize").count == 2)
    #expect(try posts("/ssh-session").count == 1)
  }

  /// A login each four minutes, sessions of fifteen: one of them waits for the provider.
  @Test func neverColdWhileOneWorks() throws {
    try testHome.setUp()
    var warm: [Bool] = []
    for _ in 1...10 {
      let seen = try testHome.sshproxy(["-v", "prepare", "sb1.prime"])
      warm.append(seen.errors.contains("is good"))
      let login = try testHome.ssh(["sb1.prime", "true"])
      #expect(login.status == 0, "\(login)")
      // What is done behind ssh's back, before time goes on.
      #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
      try testHome.home.age("sb1.prime", by: 240)
    }
    #expect(warm.filter { !$0 }.count == 1, "\(warm)")
    #expect((3...6).contains(try posts("/ssh-session").count))
  }

  /// Where the user's known hosts count, a session does not go from under the ssh that has just read its
  /// block: another one may lead elsewhere.
  @Test func whatSSHHasReadStaysUntilItConnects() throws {
    try testHome.setUp()
    let alias = "00000000-0000-4000-8000-00000000abcd.daytona"
    #expect(try testHome.sshproxy(["prepare", alias]).status == 0)
    let path = "\(TestHome.state)/sessions/\(alias)/current/record"
    try testHome.home.age(alias, by: 60)
    try simulator.scenario(#"{"daytona": {"states": ["destroyed"]}}"#)
    let begin = Date()
    #expect(try testHome.sshproxy(["prepare", alias]).status == 0)
    var isThere = true
    while isThere, Date().timeIntervalSince(begin) < 0.4 {
      let found = testHome.home.read(path) != nil
      // On a computer that is busy, the look itself may come late.
      if Date().timeIntervalSince(begin) < 0.4 { isThere = found }
    }
    #expect(isThere)
    #expect(eventually(within: 15) { testHome.home.read(path) == nil })
  }

  /// A key command may ask for a finger, and `never` is never.
  @Test(arguments: [
    ("[prime]\napi_key_command = \"COMMAND\"\n", false),
    ("[connection]\nrenew_ahead = \"always\"\n[prime]\napi_key_command = \"COMMAND\"\n", true),
    ("[connection]\nrenew_ahead = \"never\"\n", false), ("", true),
  ])
  func behindSSHsBackOnlyWhereNobodyIsAsked(configuration: String, asks: Bool) throws {
    let key = try #require(testHome.environment["PRIME_API_KEY"])
    if configuration.contains("COMMAND") { testHome.environment["PRIME_API_KEY"] = nil }
    try testHome.configure(
      configuration.replacingOccurrences(of: "COMMAND", with: "echo run >> $HOME/runs; echo \(key)")
    )
    try testHome.setUp()
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    try testHome.home.age("sb1.prime", by: 60)
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
    #expect(try posts("/authorize").count == (asks ? 2 : 1))
    if !asks, let runs = testHome.home.read("runs") { #expect(runs == "run\n") }
  }

  /// `ssh -G` of every listed host, as editors do it. Only Linux tells how the ssh above us was called.
  @Test(arguments: BuiltProgram.isPortable ? [true] : [true, false])
  func printingMakesASessionUnlessToldNotTo(makes: Bool) throws {
    try testHome.configure("[connection]\nprepare_on_print = \(makes)\n")
    try testHome.setUp()
    for words in [["-G", "sb1.prime"], ["-v", "sb1.prime", "-TG"]] {
      let end = try testHome.ssh(words)
      #expect(end.status == 0, "\(end)")
      #expect(end.output.contains("proxycommand"), "\(end)")
    }
    #expect(try posts("/ssh-session").count == (makes ? 1 : 0))
    // `-G` of the remote command's is none of ssh's.
    let command = try testHome.ssh(["--", "sb1.prime", "-G"])
    #expect(command.status == 2, "\(command)")
    let login = try testHome.ssh(["-o", "ConnectTimeout=9", "sb1.prime", "echo", "-G"])
    #expect(login.status == 0 && login.output == "-G\n", "\(login)")
  }

  private func posts(_ end: String) throws -> [Simulator.Request] {
    try simulator.requests().filter { $0.method == "POST" && $0.path.hasSuffix(end) }
  }
}
