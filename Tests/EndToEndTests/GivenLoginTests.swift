import Foundation
import TestSupport
import Testing

/// `root@sb1.prime`, where the login is the session's.
@Suite(.serialized, .timed) struct GivenLoginTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
    try testHome.setUp()
  }

  /// Has ssh note each program that it runs by the user's shell.
  private func countRuns() throws {
    testHome.environment["SHELL"] = try testHome.home.write(
      "#!/bin/sh\necho \"$2\" >>'\(testHome.home.path)/runs'\nexec /bin/sh \"$@\"\n",
      to: "bin/shell",
      mode: 0o755)
  }

  @Test(arguments: [
    ["root@sb1.prime"], ["-l", "ubuntu", "sb1.prime"], ["ssh://root@sb1.prime"],
    ["root@SB1.prime"], ["root@dm-abc.dedalus"],
  ])
  func oneNoteNamesTheCause(_ words: [String]) throws {
    for _ in 1...2 {
      let end = try testHome.ssh(words + ["true"])
      #expect(end.status == 255, "\(end)")
      let notes = end.errorLines("sshproxy: note: ")
      #expect(notes.count == 1 && notes[0].contains("its login is "), "\(end)")
    }
    let alias = words[words.count - 1].contains("dedalus") ? Machine.dedalus : .primeToken
    let login = try alias.login(at: simulator)
    #expect(try testHome.ssh(words + ["true"]).errors.contains("its login is \(login), "))
    // What the note says leads to a login.
    let followed = try testHome.ssh([alias.alias, "echo $USER"])
    #expect(followed.output == login + "\n" && followed.errors == "", "\(followed)")
    #expect(try testHome.ssh(["\(login)@\(alias.alias)", "true"]).errors == "")
  }

  /// ssh would read the block of the session that was there before, and take its own login for another one.
  @Test func nothingIsSaidWhereNoSessionCanBeHad() throws {
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    try testHome.home.age("sb1.prime", by: 10_000)
    try simulator.scenario(#"{"faults": [{"path": "ssh-session", "status": 401, "times": 9}]}"#)
    let end = try testHome.ssh(["sb1.prime", "true"])
    #expect(end.status == 255 && end.errorLines("sshproxy: note: ").isEmpty, "\(end)")
    #expect(end.errorLines("sshproxy: error: ").count == 1, "\(end)")
  }

  /// The block stays in the file, and ssh evaluates what is in it though `setup`'s `Match` has failed.
  @Test(arguments: ["bin", "b i n*"])
  func nothingIsSaidWhereTheProgramIsGone(_ folder: String) throws {
    let link = testHome.home.path(of: "\(folder)/sshproxy")
    try FileManager.default.createDirectory(
      atPath: testHome.home.path(of: folder), withIntermediateDirectories: true)
    try FileManager.default.createSymbolicLink(
      atPath: link, withDestinationPath: BuiltProgram.sshproxy)
    testHome.environment["PATH"] = "\(testHome.home.path(of: folder)):/usr/bin:/bin"
    try testHome.setUp()
    #expect(try testHome.ssh(["root@sb1.prime", "true"]).errorLines("sshproxy: note: ").count == 1)
    try FileManager.default.removeItem(atPath: link)
    let end = try testHome.ssh(["root@sb1.prime", "true"])
    #expect(end.status == 255 && end.errors.contains("sshproxy is gone: "), "\(end)")
    #expect(end.errorLines("sshproxy: note: ").isEmpty, "\(end)")
  }

  @Test func theRightLoginCostsNoProcess() throws {
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    try countRuns()
    #expect(try testHome.ssh(["-G", "sb1.prime"]).errors == "")
    let runs = testHome.home.read("runs")?.split(separator: "\n") ?? []
    #expect(runs.count == 1 && runs[0].contains(" prepare "), "\(runs)")
    #expect(try testHome.ssh(["-G", "root@sb1.prime"]).errors.contains("its login is "))
    #expect(testHome.home.read("runs")?.contains("echo sshproxy: note: ") == true)
  }

  @Test(arguments: ["/usr/bin/fish", "/usr/bin/zsh", "/bin/dash", "/bin/bash"])
  func everyShellSaysIt(_ shell: String) throws {
    guard access(shell, X_OK) == 0 else { return }
    testHome.environment["SHELL"] = shell
    #expect(try testHome.ssh(["-G", "root@sb1.prime"]).errorLines("sshproxy: note: ").count == 1)
  }

  /// With a key of one's own the login is one's own, too.
  @Test func anotherLoginAtTensorPoolIsTheUsers() throws {
    let end = try testHome.ssh(["-G", "root@node1.tensorpool"])
    #expect(end.errors == "" && end.output.contains("user root\n"), "\(end)")
    let ours = try testHome.sshproxy(
      ["ssh", "user@lab", "-F", testHome.sshConfiguration, "-i", simulator.userKey, "echo $USER"])
    #expect(ours.output == "user\n", "\(ours)")
  }

  @Test func ourOwnCommandsTakeTheForm() throws {
    let words = [
      ["ssh", "root@sb1.prime", "-F", testHome.sshConfiguration, "echo $USER"],
      ["exec", "root@sb1.prime", "--", "echo $USER"],
    ]
    for words in words {
      let end = try testHome.sshproxy(words)
      let login = try Machine.primeToken.login(at: simulator)
      #expect(end.status == 0 && end.output == login + "\n", "\(end)")
      #expect(end.errorLines("sshproxy: note: ").count == 1, "\(end)")
      #expect(end.errors.contains("its login is \(login), "), "\(end)")
    }
    let check = try testHome.sshproxy(
      ["check", "--ssh-config", testHome.sshConfiguration, "root@sb1.prime"], within: 60)
    #expect(check.status == 0 && check.output.contains("look   login name"), "\(check)")
    #expect(try testHome.sshproxy(["ssh", "-bad@sb1.prime"]).status == 64)
  }
}
