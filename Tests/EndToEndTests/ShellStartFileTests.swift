import Foundation
import TestSupport
import Testing

/// A start file of the user's shell that prints, or takes its time.
@Suite(.serialized, .timed) struct ShellStartFileTests {
  static let shared = SharedSimulator()
  let testHome: TestHome

  init() throws {
    testHome = try TestHome.furnished(try Self.shared.fresh())
    // VS Code, cron and desktops have none; a terminal does.
    testHome.environment["SHLVL"] = nil
  }

  private func setup(_ words: String...) throws -> ProgramEnd {
    let end = try testHome.sshproxy(["setup", "--ssh-config", testHome.sshConfiguration] + words)
    #expect(end.status == 0, "\(end)")
    return end
  }

  private var passes: Bool {
    testHome.home.read("sshproxy-match.conf")?.contains("ProxyUseFdpass yes") == true
  }

  @Test(arguments: [
    ("/bin/bash", ".bashrc", "echo hi\n"), ("/usr/bin/zsh", ".zshenv", "echo hi\n"),
    ("/usr/bin/fish", ".config/fish/config.fish", "echo hi\n"),
    ("/bin/bash", ".bashrc", "sleep 0.3\n"), ("/bin/bash", ".bashrc", "sleep 60\n"),
  ])
  func setupRelaysAndSaysWhy(_ shell: String, _ file: String, _ text: String) throws {
    guard access(shell, X_OK) == 0 else { return }
    testHome.environment["SHELL"] = shell
    try testHome.home.write(text, to: file)
    let end = try setup()
    try end.expectTime(within: 8)
    #expect(!passes, "\(end)")
    #expect(end.errorLines("sshproxy: note: ").count == 1, "\(end)")
    #expect(end.errors.contains(shell) && end.errors.contains("look into ~/\(file)"), "\(end)")
    if text == "echo hi\n" {
      let login = try testHome.ssh(["sb1.prime", "true"])
      #expect(login.status == 0, "\(login)")
    }
    let check = try testHome.sshproxy(["check", "--ssh-config", testHome.sshConfiguration])
    #expect(check.output.contains("look   shell") && check.output.contains(file), "\(check)")
    // The user's word counts.
    #expect(try setup("--fdpass").errors.contains("may fail"))
    #expect(passes)
    _ = try setup("--no-fdpass")
    #expect(!passes)
    try testHome.home.write("", to: file)
    #expect(try setup().errors == "")
    #expect(passes)
  }

  @Test(arguments: ["/usr/sbin/nologin", "/bin/false", "/nowhere/shell"])
  func anUnusableShellIsNamed(_ shell: String) throws {
    testHome.environment["SHELL"] = shell
    #expect(try setup().errors.contains("ssh can run nothing by SHELL=\(shell)"))
    let check = try testHome.sshproxy([
      "check", "--ssh-config", testHome.sshConfiguration, "sb1.prime",
    ])
    #expect(check.status == 78 && check.output.contains("wrong  shell"), "\(check)")
    // What the hint says leads to a login.
    testHome.environment["SHELL"] = "/bin/sh"
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
  }

  /// What no ssh can work with is red.
  @Test func checkTriesWhatTheCommandsDo() throws {
    _ = try setup()
    let words = ["check", "--ssh-config", testHome.sshConfiguration]
    let whole = try #require(testHome.home.read("ssh_config"))
    try testHome.home.write(whole + "Hostt broken\n", to: "ssh_config")
    let broken = try testHome.sshproxy(words)
    #expect(broken.status == 78 && broken.output.contains("wrong  ssh's files"), "\(broken)")
    try testHome.home.write(whole, to: "ssh_config")
    try FileManager.default.removeItem(atPath: testHome.home.path(of: TestHome.state))
    try testHome.home.write("", to: TestHome.state)
    let blocked = try testHome.sshproxy(words)
    #expect(blocked.status == 74 && blocked.output.contains("wrong  "), "\(blocked)")
    #expect(!blocked.output.contains("`sshproxy check`"), "\(blocked)")
  }
}
