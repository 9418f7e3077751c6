import Foundation
import SystemIO
import TestSupport
import Testing

extension CommandTests {
  @Suite struct LoginTests {
    private static let file = ".config/sshproxy/credentials.toml"
    private static let variables = [
      "prime": "PRIME_API_KEY", "dedalus": "DEDALUS_API_KEY", "tensorpool": "TENSORPOOL_KEY",
    ]

    /// A test home whose environment has no key, and the key that is good.
    private func testHome(_ provider: String) throws -> (CommandHome, key: String) {
      let testHome = try CommandHome(CommandTests.simulator)
      let variable = try #require(Self.variables[provider])
      let key = try #require(testHome.environment[variable])
      testHome.environment.removeValue(forKey: variable)
      return (testHome, key)
    }

    @Test(arguments: ["prime", "dedalus", "tensorpool"])
    func `a good key is stored for its owner alone, and used`(_ provider: String) throws {
      let (testHome, key) = try testHome(provider)
      let end = try testHome.run("login", provider, input: key + "\n")
      #expect(end.status == 0 && end.output.hasPrefix("stored the key for "), "\(end)")
      #expect(testHome.hidesKeys(end) && end.errors.isEmpty)
      #expect(try testHome.home.mode(of: Self.file) == 0o600)
      #expect(testHome.home.read(Self.file)?.contains("\"\(key)\"") == true)
      let check = try testHome.run("check", "--json")
      #expect(check.output.contains("from \(testHome.home.path(of: Self.file))"), "\(check)")
    }

    @Test(arguments: ["prime", "dedalus", "tensorpool"])
    func `a key that the provider refuses is not stored`(_ provider: String) throws {
      let (testHome, _) = try testHome(provider)
      let end = try testHome.run("login", provider, input: "wrong-key\n")
      #expect(end.status == 77 && end.errors.contains("the key is not stored"), "\(end)")
      #expect(!end.errors.contains("wrong-key") && !testHome.home.exists(Self.file))
    }

    @Test func `nothing is stored when the provider cannot be asked`() throws {
      let (testHome, key) = try testHome("prime")
      try testHome.configure("[connection]\ndeadline = 1\n")
      for name in ["PRIME_API_BASE_URL", "PRIME_BASE_URL"] {
        testHome.environment[name] = "http://127.0.0.1:1"
      }
      let end = try testHome.run("login", "prime", input: key)
      #expect(end.status == 75 && !testHome.home.exists(Self.file), "\(end)")
    }

    @Test(arguments: ["", "\n", "two words\n", String(repeating: "k", count: 5000)])
    func `what cannot be a key never reaches the provider`(_ text: String) throws {
      let (testHome, _) = try testHome("prime")
      let end = try testHome.run("login", "prime", input: text)
      #expect([64, 78].contains(end.status), "\(end)")
      #expect(try testHome.simulator.requests().isEmpty)
    }

    @Test func `a variable that would win is mentioned`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let key = try #require(testHome.simulator.environment["PRIME_API_KEY"])
      let end = try testHome.run("login", "prime", input: key)
      #expect(end.status == 0 && end.errors.contains("PRIME_API_KEY is set and comes first"))
    }

    @Test func `on a terminal nothing of the key is shown`() throws {
      let (testHome, key) = try testHome("prime")
      let terminal = try Terminal()
      let program = try testHome.start(
        BuiltProgram.sshproxy, ["login", "prime"], input: .descriptor(terminal.slave.number),
        output: terminal.slave.number)
      #expect(eventually { program.errors.contains("not shown") && !terminal.echoes })
      try terminal.type(key + "\n")
      let end = program.end()
      #expect(end.status == 0, "\(end)")
      let screen = terminal.screen()
      #expect(screen.contains("stored the key") && !screen.contains(key), "\(screen)")
      #expect(terminal.echoes)
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func `a signal leaves the terminal as it was`(_ number: Int32) throws {
      let (testHome, _) = try testHome("prime")
      let terminal = try Terminal()
      let program = try testHome.start(
        BuiltProgram.sshproxy, ["login", "prime"], input: .descriptor(terminal.slave.number),
        output: terminal.slave.number)
      #expect(eventually { program.errors.contains("not shown") && !terminal.echoes })
      program.signal(number)
      #expect(program.end().status == 128 + number)
      #expect(terminal.echoes)
    }
  }
}
