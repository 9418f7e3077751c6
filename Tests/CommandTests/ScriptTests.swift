import Foundation
import TestSupport
import Testing

extension CommandTests {
  /// The scripts around the commands, run on the programs that were built for the tests.
  @Suite struct ScriptTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../..").standardized.path

    private func script(_ testHome: CommandHome, _ name: String, _ words: String...) throws
      -> ProgramEnd
    {
      testHome.environment["PATH"] = ProcessInfo.processInfo.environment["PATH"]
      return try testHome.start("\(Self.root)/scripts/\(name)", words).end(within: 120)
    }

    @Test func `command reference and manual are in step with the program`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try script(testHome, "manual", "--check", "--program", BuiltProgram.session)
      #expect(end.status == 0, "\(end)")
    }

    /// Told before the minutes that building takes, and without root nothing is asked of sudo that is not there.
    @Test(.enabled(if: OrdinaryUser.canRunPrograms, "only root can become another user"))
    func `a prefix that cannot be written is refused before building`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      chmod(testHome.home.path, 0o755)
      mkdir(testHome.home.path(of: "prefix"), 0o755)
      for tool in ["bash", "sed", "dirname", "id", "env"] {
        mkdir(testHome.home.path(of: "bin"), 0o755)
        symlink("/usr/bin/\(tool)", testHome.home.path(of: "bin/\(tool)"))
      }
      testHome.environment["PATH"] = testHome.home.path(of: "bin")
      let end = try testHome.startAsOrdinaryUser(
        "\(Self.root)/scripts/install",
        ["--prefix", testHome.home.path(of: "prefix/deep/down")]
      ).end(within: 20)
      #expect(end.status == 77 && end.errors.contains("cannot be written"), "\(end)")
    }

    /// As uv installs a wheel with UV_LINK_MODE=symlink.
    @Test func `links to a wheel's files are as good as the files`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let home = testHome.home
      for (program, place) in [
        (BuiltProgram.sshproxy, "wheel/scripts"),
        (BuiltProgram.session, "wheel/data/libexec/sshproxy"),
      ] {
        let file = "\(home.path(of: place))/\((program as NSString).lastPathComponent)"
        try WrittenProgram.copy(program, to: file)
      }
      try home.write("", to: "bin/none")
      let link = home.path(of: "bin/sshproxy")
      symlink(home.path(of: "wheel/scripts/sshproxy"), link)
      let path = testHome.environment["PATH"] ?? "/usr/bin:/bin"
      testHome.environment["PATH"] = home.path(of: "bin") + ":" + path
      let end = try testHome.start(link, ["setup", "--print"]).end()
      #expect(end.status == 0 && end.output.contains("'\(link)'"), "\(end)")
    }

    /// A prefix with the programs in it.
    private func installed(in testHome: CommandHome) throws -> String {
      let prefix = testHome.home.path(of: "prefix")
      for (program, folder) in [
        (BuiltProgram.sshproxy, "bin"), (BuiltProgram.session, "libexec/sshproxy"),
      ] {
        let name = (program as NSString).lastPathComponent
        try WrittenProgram.copy(program, to: "\(prefix)/\(folder)/\(name)")
      }
      return prefix
    }

    /// Said before the sessions are closed and what is stored of them is removed.
    @Test(.enabled(if: OrdinaryUser.canRunPrograms, "only root can become another user"))
    func `uninstall of what it may not remove leaves everything as it is`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let prefix = try installed(in: testHome)
      let user = OrdinaryUser.identifier
      #expect(
        try testHome.shell(
          "chown \(user):\(user) ~ && chown -R 0:0 '\(prefix)' && chmod -R u=rwX,go=rX '\(prefix)'"
        ).status == 0)
      let prepared = try testHome.startAsOrdinaryUser(
        "\(prefix)/bin/sshproxy", ["prepare", "sb1.prime"]
      ).end()
      #expect(prepared.status == 0, "\(prepared)")
      let end = try testHome.startAsOrdinaryUser(
        "\(Self.root)/scripts/uninstall", ["--prefix", prefix, "--purge"]
      ).end()
      #expect(end.status == 77 && end.errors.contains("cannot be written"), "\(end)")
      #expect(testHome.home.exists("prefix/libexec/sshproxy/sshproxy-session"))
      #expect(testHome.home.sessions(of: "sb1.prime").count == 1)
      #expect(try testHome.simulator.state().prime.sessions.count == 1)
    }

    @Test func `what is installed is there, and uninstall leaves nothing`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let prefix = try installed(in: testHome)
      try testHome.home.write("# mine", to: ".ssh/config")
      try testHome.configure("[prime]\nttl = 600\n")
      #expect(try script(testHome, "manual", "--install", prefix).status == 0)
      for file in [
        "man/man1/sshproxy.1.gz", "man/man1/sshproxy-check.1.gz", "man/man5/sshproxy-config.5.gz",
        "bash-completion/completions/sshproxy", "zsh/site-functions/_sshproxy",
        "fish/vendor_completions.d/sshproxy.fish",
      ] {
        #expect(testHome.home.exists("prefix/share/\(file)"), "\(file)")
      }
      for words in [["setup"], ["prepare", "sb1.prime"]] {
        #expect(try testHome.start("\(prefix)/bin/sshproxy", words).end().status == 0)
      }
      // A relative path counts for nothing, with the programs as with the script.
      testHome.environment["XDG_STATE_HOME"] = "state"
      let end = try script(testHome, "uninstall", "--prefix", prefix)
      #expect(end.status == 0 && testHome.home.names(in: "prefix").isEmpty, "\(end)")
      #expect(testHome.home.read(".ssh/config") == "# mine")
      #expect(testHome.home.names(in: ".ssh") == ["config"])
      #expect(!testHome.home.exists(TestHome.state))
      #expect(testHome.home.exists(".config/sshproxy/config.toml"))
      #expect(try testHome.simulator.state().prime.sessions.isEmpty)
      #expect(try script(testHome, "uninstall", "--prefix", prefix, "--purge").status == 0)
      #expect(!testHome.home.exists(".config/sshproxy"))
    }
  }
}
