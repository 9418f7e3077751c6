import Foundation
import TestSupport
import Testing

/// `sshproxy setup` as a program.
@Suite(.serialized, .timed) struct SetupTests {
  static let shared = SharedSimulator()
  let testHome: TestHome

  init() throws {
    testHome = try TestHome.furnished(try Self.shared.fresh())
  }

  private func setup(_ words: String...) throws -> ProgramEnd {
    let end = try testHome.sshproxy(["setup", "--ssh-config", testHome.sshConfiguration] + words)
    #expect(end.status == 0, "\(end)")
    #expect(end.errors == "")
    return end
  }

  /// What takes its own lines away needs none of the user's.
  @Test func removesWhateverTheConfigurationSays() throws {
    _ = try setup()
    try testHome.configure("[")
    _ = try setup("--remove")
    #expect(try !testHome.ssh(["-G", "sb1.prime"]).output.contains("proxycommand"))
  }

  /// What ssh calls has to stay where it is.
  @Test func refusesACacheAndNamesAVirtualEnvironment() throws {
    for (folder, status, says) in [
      (".cache/uv/archive-v0/x1", 78, "lies in a cache"),
      ("elsewhere/archive-v0/x1", 78, "lies in a cache"),
      ("project/.venv", 0, "in a virtual environment"),
      ("plain", 0, ""),
    ] as [(String, Int32, String)] {
      try testHome.home.write(
        folder.hasSuffix("venv") ? "home = /usr/bin" : "", to: "\(folder)/bin/x")
      if folder.hasSuffix("venv") { try testHome.home.write("", to: "\(folder)/pyvenv.cfg") }
      let bin = testHome.home.path(of: "\(folder)/bin")
      for program in [BuiltProgram.sshproxy, BuiltProgram.sshproxy + "-session"] {
        let name = URL(filePath: program).lastPathComponent
        try WrittenProgram.copy(program, to: "\(bin)/\(name)")
      }
      let words = ["setup", "--ssh-config", testHome.home.path(of: "\(folder)/config")]
      let end = try testHome.start("\(bin)/sshproxy", words).end(within: 20)
      let isSaid = says.isEmpty ? end.errors.isEmpty : end.errors.contains(says)
      #expect(end.status == status && isSaid, "\(end)")
      #expect(testHome.home.exists("\(folder)/config") == (status == 0))
    }
  }

  @Test func isIdempotentAndGivesBackTheVeryBytes() throws {
    let before = try testHome.snapshot()
    let lines = try setup().output.split(separator: "\n")
    #expect(lines.filter { $0.hasPrefix("wrote ") }.count == 3 && lines.count == 4)
    #expect(lines.last?.hasPrefix("next: `sshproxy list`") == true, "a key is in the environment")
    let once = try testHome.snapshot()
    #expect(
      testHome.home.read("ssh_config")?.hasPrefix("Include \(testHome.home.path)/sshproxy.conf\n")
        == true)
    #expect(try testHome.home.mode(of: "ssh_config") == 0o644)
    #expect(try testHome.home.mode(of: "sshproxy.conf") == 0o600)
    #expect(try setup().output == "nothing to do\n")
    #expect(try testHome.snapshot() == once)
    _ = try setup("--remove")
    #expect(try testHome.snapshot() == before)
    #expect(try setup("--remove").output == "nothing to do\n")
  }

  @Test func advisesWhatThereIs() throws {
    for name in testHome.environment.keys where name.hasSuffix("KEY") {
      testHome.environment[name] = nil
    }
    try testHome.configure("")
    func advice() throws -> Substring? {
      _ = try setup("--remove")
      return try setup().output.split(separator: "\n").last
    }
    #expect(try advice()?.hasPrefix("next: `sshproxy login PROVIDER`") == true)
    try testHome.configure("[hosts.lab]\nprovider = \"static\"\nhost = \"h\"\n")
    #expect(try advice() == "next: `ssh lab` logs in")
    testHome.environment["RUNPOD_API_KEY"] = "k"
    let list = "next: `sshproxy list` shows your machines"
    #expect(try advice() == "\(list); `ssh NAME.runpod` logs in to one")
  }

  @Test(arguments: ["csh", "tcsh", "bash", "tcsh-not"])
  func saysWhatIsOtherInTheCShell(_ shell: String) throws {
    // Whether or not this computer has one, ssh can run it.
    testHome.environment["SHELL"] = try testHome.home.write(
      "#!/bin/sh\nexec /bin/sh \"$@\"\n", to: "bin/\(shell)", mode: 0o755)
    for words in [[], ["--remove"]] {
      let end = try testHome.sshproxy(["setup", "--ssh-config", testHome.sshConfiguration] + words)
      #expect(end.status == 0)
      let isNoted = shell.hasSuffix("csh") && words.isEmpty
      #expect(end.errors.hasPrefix("sshproxy: note: your shell is ") == isNoted, "\(end)")
      #expect(end.errors.split(separator: "\n").count == (isNoted ? 1 : 0))
    }
  }

  @Test func printAndDiffWriteNothing() throws {
    let before = try testHome.snapshot()
    let printed = try setup("--print").output
    #expect(
      printed.contains(
        #"Match originalhost *.prime,*.dedalus,*.tensorpool,*.prime-pod,*.runpod,*.vast,*.lambda,*.shadeform,*.daytona,lab,mine !originalhost "*'*,*\*" exec "#
      ))
    let difference = try setup("--diff").output
    #expect(difference.contains("+Include "))
    #expect(try testHome.snapshot() == before)
    _ = try setup()
    #expect(try setup("--diff").output == "")
  }

  @Test func diffIsAPatch() throws {
    let difference = try setup("--diff").output
    try testHome.home.write(difference, to: "change.patch")
    _ = try setup()
    let wanted = testHome.home.read("ssh_config")
    #expect(difference.contains("\n@@ "))
    #expect(wanted?.split(separator: "\n").first.map { difference.contains("\n+\($0)\n") } == true)
  }

  @Test func keepsALinkALink() throws {
    try FileManager.default.moveItem(
      atPath: testHome.home.path(of: "ssh_config"), toPath: testHome.home.path(of: "real"))
    try FileManager.default.createSymbolicLink(
      atPath: testHome.home.path(of: "ssh_config"), withDestinationPath: "real")
    let before = testHome.home.read("real")
    _ = try setup()
    #expect(
      try FileManager.default.destinationOfSymbolicLink(
        atPath: testHome.home.path(of: "ssh_config")) == "real")
    #expect(testHome.home.read("real")?.hasPrefix("Include ") == true)
    #expect(try testHome.ssh(["lab", "echo $USER"]).output == "user\n")
    _ = try setup("--remove")
    #expect(testHome.home.read("real") == before)
  }

  @Test func followsTheConfiguration() throws {
    _ = try setup()
    try testHome.configure("[hosts.other]\nprovider = \"prime\"\nid = \"SB1\"\n")
    #expect(try setup().output.contains("sshproxy.conf"))
    #expect(testHome.home.read("sshproxy.conf")?.contains("Host other\n") == true)
    #expect(
      testHome.home.read("sshproxy-match.conf")?.contains("*.shadeform,*.daytona,other ") == true)
  }

  @Test func otherHostsAreNotAsked() throws {
    _ = try setup()
    let end = try testHome.ssh(["-G", "example.com"])
    #expect(end.status == 0)
    #expect(!end.output.contains("proxycommand"))
    let sessions = testHome.home.path(of: TestHome.state + "/sessions")
    #expect((try? FileManager.default.contentsOfDirectory(atPath: sessions))?.isEmpty ?? true)
  }

  @Test func optionsThatExcludeEachOtherAreRefused() throws {
    let before = try testHome.snapshot()
    let end = try testHome.sshproxy(
      ["setup", "--ssh-config", testHome.sshConfiguration, "--print", "--remove"])
    #expect(end.status == 64, "\(end)")
    #expect(end.output == "")
    #expect(end.errorLines("sshproxy: error: ").count == 1, "\(end)")
    #expect(try testHome.snapshot() == before)
  }

  /// The same files, whatever the environment of the ssh that calls is.
  @Test func writtenLinesCarryThePlaces() throws {
    testHome.environment["XDG_STATE_HOME"] = testHome.home.path(of: "x state")
    testHome.environment["XDG_CONFIG_HOME"] = testHome.home.path(of: ".config")
    _ = try setup()
    testHome.environment["XDG_STATE_HOME"] = nil
    testHome.environment["XDG_CONFIG_HOME"] = nil
    let end = try testHome.ssh(["sb1.prime", "true"])
    #expect(end.status == 0, "\(end)")
    #expect(testHome.home.exists("x state/sshproxy/sessions/sb1.prime/current"))
    #expect(!testHome.home.exists(TestHome.state))
  }
}
