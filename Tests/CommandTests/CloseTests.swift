import Foundation
import SystemIO
import TestSupport
import Testing

extension CommandTests {
  @Suite struct CloseTests {
    private static let aliases = ["sb1.prime", "dm-abc.dedalus", "node1.tensorpool"]

    private func prepared() throws -> CommandHome {
      let testHome = try CommandHome(CommandTests.simulator)
      for alias in Self.aliases {
        let end = try testHome.run("prepare", alias)
        #expect(end.status == 0, "\(end)")
      }
      return testHome
    }

    private func stored(_ testHome: CommandHome) -> [String] {
      testHome.home.names(in: TestHome.state + "/sessions")
    }

    @Test func `one alias is revoked and wiped, the others stay`() throws {
      let testHome = try prepared()
      let end = try testHome.run("close", "SB1.prime")
      #expect(end.status == 0 && end.output == "closed sb1.prime\n" && end.errors.isEmpty, "\(end)")
      #expect(try testHome.simulator.state().prime.sessions.isEmpty)
      #expect(stored(testHome) == ["dm-abc.dedalus", "node1.tensorpool"])
      let blocks = try #require(testHome.home.read(TestHome.state + "/ssh_config"))
      #expect(!blocks.contains("sb1.prime") && blocks.contains("dm-abc.dedalus"))
    }

    @Test func `all of them`() throws {
      let testHome = try prepared()
      let end = try testHome.run("close", "--all")
      #expect(end.status == 0, "\(end)")
      #expect(
        end.output.split(separator: "\n").sorted() == Self.aliases.sorted().map { "closed \($0)" })
      #expect(stored(testHome).isEmpty)
      let state = try testHome.simulator.state()
      #expect(state.prime.sessions.isEmpty && state.dedalus.sessions.allSatisfy(\.closed))
      let again = try testHome.run("close", "--all")
      #expect(again.status == 0 && again.output.isEmpty && again.errors.isEmpty, "\(again)")
    }

    /// A password manager that asks a person would ask for each session; and in a confined process it
    /// could not be run for the next one.
    @Test func `the command for a key is run once for all sessions`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.useKeyCommand()
      for alias in ["sb1.prime", "sb2.prime", "dm-abc.dedalus"] {
        #expect(try testHome.run("prepare", alias).status == 0)
      }
      let before = testHome.keyCommandRuns
      let end = try testHome.run("close", "--all")
      #expect(end.status == 0 && end.errors.isEmpty, "\(end)")
      #expect(try testHome.simulator.state().prime.sessions.isEmpty)
      #expect(testHome.keyCommandRuns == before + 1)
    }

    @Test func `a session that is gone at the provider is no failure`() throws {
      let testHome = try prepared()
      let id = try #require(try testHome.simulator.state().prime.sessions.first?.id)
      try testHome.simulator.forget(id)
      let end = try testHome.run("close", "sb1.prime")
      #expect(end.status == 0 && end.output == "closed sb1.prime\n", "\(end)")
    }

    @Test func `what cannot be revoked is wiped all the same, and said`() throws {
      let testHome = try prepared()
      testHome.environment["PRIME_API_KEY"] = "pit_wrong"
      let end = try testHome.run("close", "sb1.prime", "dm-abc.dedalus")
      #expect(end.status == 77 && end.output == "closed dm-abc.dedalus\n", "\(end)")
      #expect(end.errorLines("sshproxy: error: sb1.prime: close the session: ").count == 1)
      #expect(end.errors.contains("its files are wiped") && end.errors.contains("sshproxy: hint: "))
      #expect(stored(testHome) == ["node1.tensorpool"])
    }

    @Test func `a provider that does not answer keeps nobody for long`() throws {
      let testHome = try prepared()
      try testHome.configure("[connection]\ndeadline = 1\n")
      testHome.environment["PRIME_API_BASE_URL"] = "http://127.0.0.1:1"
      let end = try testHome.run("close", "sb1.prime")
      try end.expectTime(within: 10)
      #expect(end.status == 75, "\(end)")
      #expect(end.errorLines("sshproxy: error: sb1.prime: close the session: ").count == 1)
      #expect(!stored(testHome).contains("sb1.prime"))
    }

    @Test
    func `a provider that does not answer is waited for once, whatever the number of sessions`()
      throws
    {
      let testHome = try CommandHome(CommandTests.simulator)
      let aliases = (1...5).map { "sb\($0).prime" }
      for alias in aliases { #expect(try testHome.run("prepare", alias).status == 0) }
      try testHome.configure("[connection]\ndeadline = 4\n")
      testHome.environment["PRIME_API_BASE_URL"] = "http://127.0.0.1:1"
      let end = try testHome.run("close", "--all")
      try end.expectTime(within: 12)
      #expect(end.status == 75, "\(end)")
      for alias in aliases {
        #expect(end.errorLines("sshproxy: error: \(alias): close the session: ").count == 1)
      }
      #expect(stored(testHome).isEmpty)
    }

    @Test func `what has been begun is finished when nobody reads of it any more`() throws {
      let testHome = try prepared()
      let held = try testHome.holdLock("sessions/sb1.prime/lock")
      let output = try SystemIO.Pipe().intoWriting()
      let program = try testHome.start(
        BuiltProgram.sshproxy, ["close", "--all"], output: output.number)
      #expect(eventually { HomeProcess.waitsForLock(program.identifier) || !program.isRunning })
      kill(-held.identifier, SIGKILL)
      let end = program.end()
      #expect(end.errors.isEmpty, "\(end)")
      #expect(try testHome.simulator.state().prime.sessions.isEmpty)
      #expect(stored(testHome).isEmpty)
    }

    @Test func `without a key too`() throws {
      let testHome = try prepared()
      testHome.environment.removeValue(forKey: "PRIME_API_KEY")
      let end = try testHome.run("close", "sb1.prime")
      #expect(end.status == 77 && end.errors.contains("`sshproxy login prime`"), "\(end)")
      #expect(!stored(testHome).contains("sb1.prime"))
    }

    @Test func `a refused key of the environment is named, for it comes first`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      testHome.environment["PRIME_API_KEY"] = "wrong"
      let end = try testHome.run("prepare", "sb1.prime")
      #expect(end.status == 77 && end.errors.contains("`sshproxy login prime`"), "\(end)")
      #expect(end.errors.contains("unset PRIME_API_KEY, whose key counts before"), "\(end)")
      let file = try testHome.home.write(
        "[prime]\napi_key = \"wrong\"\n", to: ".config/sshproxy/config.toml")
      try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: file)
      testHome.environment.removeValue(forKey: "PRIME_API_KEY")
      #expect(try !testHome.run("prepare", "sb1.prime").errors.contains("unset"))
    }

    @Test func `aliases without a session, and words that are none`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let none = try testHome.run("close", "sb7.prime")
      #expect(none.status == 0 && none.output == "sb7.prime has no session\n", "\(none)")
      let end = try testHome.run("close", "nowhere", "sb7.prime")
      #expect(end.status == 68 && end.output == "sb7.prime has no session\n", "\(end)")
      #expect(try testHome.run("close").status == 64)
      #expect(try testHome.run("close", "--all", "sb1.prime").status == 64)
      #expect(try testHome.simulator.requests().isEmpty)
    }

    @Test func `a name that means another machine by now closes the session that it made`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.configure("[hosts.train]\nprovider = \"prime\"\nid = \"sb1\"\n")
      _ = try testHome.run("prepare", "train")
      try testHome.configure("[hosts.train]\nprovider = \"prime\"\nid = \"sb2\"\n")
      let end = try testHome.run("close", "train")
      #expect(end.status == 0, "\(end)")
      #expect(try testHome.simulator.state().prime.sessions.isEmpty)
      #expect(try testHome.count("DELETE", "/sandbox/sb1/") == 1)
    }
  }
}
