import Foundation
import SystemIO
import TestSupport
import Testing

extension CommandTests {
  @Suite struct CompletionTests {
    /// How a shell without the user's own files is started with our script.
    private static let shells: [String: (path: String, words: [String], script: String)] = [
      "bash": ("/bin/bash", ["--norc", "--noprofile", "-i"], "source $HOME/script"),
      "zsh": (
        "/bin/zsh", ["-f", "-i"],
        "autoload -Uz compinit; compinit -u -D; source $HOME/script; compdef _sshproxy sshproxy"
      ),
      "fish": ("/usr/bin/fish", ["--no-config", "-i"], "source $HOME/script"),
    ]

    private func testHome(_ shell: String) throws -> CommandHome {
      let testHome = try CommandHome(CommandTests.simulator)
      let script = try testHome.run("--generate-completion-script", shell)
      #expect(script.status == 0, "\(script)")
      try testHome.home.write(script.output, to: "script")
      let folder = (BuiltProgram.sshproxy as NSString).deletingLastPathComponent
      testHome.environment["PATH"] = "\(folder):/usr/bin:/bin"
      testHome.environment["TERM"] = "dumb"
      return testHome
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `the shell completes commands, providers and aliases`(_ shell: String) throws {
      let testHome = try testHome(shell)
      try testHome.configure("[hosts.train]\nprovider = \"prime\"\nid = \"sb2\"\n")
      _ = try testHome.run("prepare", "node1.tensorpool")
      _ = try testHome.run("list")
      let asked = try testHome.simulator.requests().count
      for (typed, wanted) in [
        ("sshproxy sess", "sshproxy sessions"), ("sshproxy login ded", "login dedalus"),
        ("sshproxy resolve tr", "resolve train"), ("sshproxy ssh no", "ssh node1.tensorpool"),
        ("sshproxy check dm-d", "check dm-def.dedalus"),
        ("sshproxy check 017", "check \(CommandHome.uuid).dedalus"),
        ("sshproxy close no", "close node1.tensorpool"),
        ("sshproxy open wi", "open windsurf"), ("sshproxy open zed tr", "open zed train"),
      ] {
        #expect(try screen(shell, testHome, typed, wanted).contains(wanted), "\(typed)")
      }
      #expect(try testHome.simulator.requests().count == asked)
    }

    /// What an interactive shell shows after a tab.
    private func screen(
      _ shell: String, _ testHome: CommandHome, _ typed: String, _ wanted: String
    ) throws -> String {
      let parts = try #require(Self.shells[shell])
      let terminal = try Terminal()
      // script(1) gives the shell a terminal that it controls.
      let words = ["-qec", ([parts.path] + parts.words).joined(separator: " "), "/dev/null"]
      let program = try testHome.start(
        "/usr/bin/script", words, input: .descriptor(terminal.slave.number))
      defer { withExtendedLifetime(program) {} }
      try terminal.type("\(parts.script); echo rea''dy\n")
      _ = eventually { program.output.contains("ready\r\n") }
      let before = program.output.count
      try terminal.type(typed + "\t")
      _ = eventually { program.output.dropFirst(before).contains(wanted) }
      return String(program.output.dropFirst(before))
    }

    @Test func `completion needs nothing, writes nothing and asks nobody`() throws {
      let testHome = try testHome("bash")
      testHome.environment["SAP_SHELL"] = "bash"
      let before = Set(try testHome.snapshot().keys)
      let end = try testHome.run(
        "---completion", "resolve", "--", "positional@0", "2", "0", "sshproxy", "resolve", "")
      try end.expectTime(within: 2)
      #expect(end.status == 0 && end.errors.isEmpty, "\(end)")
      #expect(Set(try testHome.snapshot().keys) == before)
      #expect(try testHome.simulator.requests().isEmpty)
    }
  }
}
