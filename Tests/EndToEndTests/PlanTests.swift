import Foundation
import TestSupport
import Testing

#if canImport(Glibc)
  /// A command reads the configuration and opens the store once, so that an edit in between cannot mix two
  /// targets.
  @Suite(.serialized, .timed) struct PlanTests {
    static let shared = SharedSimulator()
    let simulator: Simulator
    let testHome: TestHome

    init() throws {
      simulator = try Self.shared.fresh()
      testHome = try TestHome.furnished(simulator)
    }

    static let commands = [
      ["exec", "sb1.prime", "--", "true"], ["exec", "--ephemeral", "sb1.prime", "--", "true"],
      ["ssh", "sb1.prime", "-F", "CONFIG", "true"],
      ["check", "--ssh-config", "CONFIG", "sb1.prime"],
      ["connect", "--jump-to", "localhost:PORT", "sb1.prime"], ["prepare", "sb1.prime"],
      ["resolve", "--create", "sb1.prime"], ["close", "sb1.prime"],
    ]

    @Test(arguments: commands) func theConfigurationIsReadOnce(command: [String]) throws {
      try testHome.setUp()
      let port = try #require(simulator.ports["plain"])
      let words = command.map { word in
        word == "CONFIG"
          ? testHome.sshConfiguration : word.replacingOccurrences(of: "PORT", with: "\(port)")
      }
      let readings = try OpenCount(of: testHome.home.path(of: ".config/sshproxy/config.toml"))
      for state in ["cold", "warm"] {
        let end = try testHome.sshproxy(words)
        #expect(end.status == 0, "\(state): \(end)")
        // With a good session `prepare` needs no configuration at all.
        let isHot = state == "warm" && command[0] == "prepare"
        #expect(readings.take() == (isHot ? 0 : 1), "\(state): \(words)")
      }
    }

    @Test(arguments: [commands[0], commands[4]])
    func theStoreIsOpenedOnce(command: [String]) throws {
      let port = try #require(simulator.ports["plain"])
      let words = command.map { $0.replacingOccurrences(of: "PORT", with: "\(port)") }
      #expect(try testHome.sshproxy(words).status == 0)
      let openings = try OpenCount(of: testHome.home.path(of: TestHome.state))
      #expect(try testHome.sshproxy(words).status == 0)
      #expect(openings.take() == 1)
    }

    /// By the hot program, too, whose first login on a session notes that the server has answered.
    @Test func theStateDirectoryIsOpenedOnce() throws {
      try testHome.setUp()
      #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
      let openings = try OpenCount(of: testHome.home.path(of: TestHome.state))
      for state in ["cold", "warm"] {
        #expect(try testHome.sshproxy(["connect", "sb1.prime"]).status == 0)
        #expect(openings.take() == 1, "\(state)")
      }
    }

    /// A provider that edits the file while it is asked: the command goes on with what it has read.
    @Test func anEditInBetweenChangesTheNextCommandOnly() throws {
      let port = try #require(simulator.ports["plain"])
      let file = testHome.home.path(of: ".config/sshproxy/config.toml")
      let answer =
        #"{"version":2,"session":{"endpoint":{"host":"127.0.0.1","port":\#(port)}}}"#
      try testHome.home.write(
        """
        printf '[hosts.lab]\\nprovider = "static"\\nhost = "127.0.0.1"\\nport = 1\\n' > '\(file)'
        echo '\(answer)'

        """, to: "bin/edits")
      try testHome.configure(
        """
        [hosts.lab]
        provider = "command"
        command = ["/bin/sh", "\(testHome.home.path(of: "bin/edits"))"]

        """)
      try testHome.ownHome()
      try testHome.home.write(
        String(
          decoding: FileManager.default.contents(atPath: simulator.userKey) ?? Data(), as: UTF8.self
        ),
        to: ".ssh/id_ed25519")
      let first = try testHome.sshproxy(["exec", "--accept-new", "user@lab", "--", "echo in"])
      #expect(first.status == 0 && first.output == "in\n", "\(first)")
      let next = try testHome.sshproxy(["resolve", "--json", "lab"])
      #expect(next.output.contains("\"provider\": \"static\""), "\(next)")
    }
  }
#endif
