import TestSupport
import Testing

/// Without `setup`: the single line `ProxyCommand sshproxy %h`, and the pipe.
@Suite(.serialized, .timed) struct PlainLineTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  private var line: [String] { ["-o", "ProxyCommand=\(BuiltProgram.sshproxy) %h"] }

  @Test(arguments: [Machine.fixedHost, .tensorpool])
  func fullyWhereTheUsersOwnKeyLogsIn(_ machine: Machine) throws {
    for _ in 1...2 {
      let end = try testHome.ssh(line + ["-l", "ubuntu", machine.alias, "echo $USER"])
      #expect(end.status == 0, "\(end)")
      #expect(end.output == "ubuntu\n")
      #expect(end.errors == "")
    }
  }

  @Test(arguments: [Machine.primeToken, .primeVM, .dedalus])
  func connectsAndSaysWhatSSHLacks(_ machine: Machine) throws {
    for _ in 1...2 {
      let end = try testHome.ssh(line + ["-o", "LogLevel=DEBUG", machine.alias, "true"])
      #expect(end.status == 255, "\(end)")
      #expect(end.errors.contains("remote software version OpenSSH"), "\(end)")
      let ours = end.errorLines("sshproxy: ")
      #expect(ours.count == 1, "\(end)")
      #expect(ours.first?.hasPrefix("sshproxy: note: \(machine.alias): ") == true)
      #expect(ours.first?.contains("sshproxy setup") == true)
      #expect(ours.first?.contains("sshproxy ssh \(machine.alias)") == true)
    }
  }

  /// Where nothing but the password file knows the home, the other program looks for it. That is none of
  /// `setup`'s lines, which have ssh read the session's block first.
  @Test func aHomeThatIsNotInTheEnvironment() throws {
    try testHome.ownHome()
    let other = testHome.home.path(of: "other_config")
    #expect(try testHome.sshproxy(["setup", "--ssh-config", other]).status == 0)
    testHome.environment["HOME"] = nil
    let end = try testHome.ssh(line + ["-l", "user", "lab", "echo $USER"])
    #expect(end.status == 0 && end.output == "user\n", "\(end)")
    let told = try testHome.sshproxy(["-v", "connect", "lab"])
    #expect(told.errors.contains(" for 127.0.0.1 port "), "\(told)")
  }

  /// `-v` shows what the other program does, too.
  @Test func theHelperTellsItsSteps() throws {
    let end = try testHome.sshproxy(["-v", "connect", "nosuch.prime"])
    #expect(end.status == 68, "\(end)")
    #expect(end.errorLines("sshproxy: error: nosuch.prime: ").count == 1, "\(end)")
    #expect(end.errors.contains("create the session: "), "\(end)")
  }

  @Test func aPortAfterTheAliasMeansNothing() throws {
    let words = ["-o", "ProxyCommand=\(BuiltProgram.sshproxy) %h %p", "-p", "9"]
    let end = try testHome.ssh(words + ["-l", "user", "lab", "echo $USER"])
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "user\n")
  }

  @Test(arguments: Machine.allCases)
  func pipeShowsTheBanner(_ machine: Machine) throws {
    let end = try testHome.sshproxy([machine.alias])
    #expect(end.output.hasPrefix("SSH-2.0-OpenSSH_"), "\(end)")
    #expect(end.status == 0, "\(end)")
    #expect(end.errorLines("sshproxy: error").isEmpty, "\(end)")
  }

  @Test func connectIsTheSameWithoutTheNote() throws {
    let end = try testHome.sshproxy(["connect", "sb1.prime"])
    #expect(end.output.hasPrefix("SSH-2.0-OpenSSH_"), "\(end)")
    #expect(end.errors == "")
  }
}
