import Foundation
import TestSupport
import Testing

extension CommandTests {
  @Suite struct SessionTests {
    private static let sessionNames: Set<String> = [
      "session_id", "login", "host", "port", "proxy_jump", "identity", "host_trust", "created_at",
      "expires_at", "directory",
    ]

    @Test func `resolve asks nobody, and names what ssh will do`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.run("resolve", "--json", "SB1.Prime")
      let answer = try JSONAnswer(end.output)
      #expect(
        answer.names == ["alias", "provider", "id", "route", "jump_target", "through", "session"])
      #expect(answer["alias"].text == "sb1.prime" && answer["id"].text == "sb1")
      #expect(answer["route"].text == "direct" && answer["jump_target"].isNull)
      #expect(answer["session"].isNull)
      #expect(try testHome.run("resolve", "sb1.prime").output.contains("session    none"))
      #expect(try testHome.simulator.requests().isEmpty)
    }

    @Test(arguments: [
      ("sb1.prime", "session-key", "trust_on_first_use"),
      ("dm-abc.dedalus", "certificate", "authority"),
      ("node1.tensorpool", "own", "users"),
    ])
    func `resolve makes a session where it is told to`(
      _ alias: String, _ identity: String, _ trust: String
    ) throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.run("resolve", "--create", "--json", alias)
      #expect(end.status == 0 && testHome.hidesKeys(end), "\(end)")
      let session = try JSONAnswer(end.output)["session"]
      #expect(session.names == Self.sessionNames)
      #expect(session["identity"].text == identity && session["host_trust"].text == trust)
      let login = try testHome.simulator.state().prime.sessions.first?.login
      if identity == "session-key" { #expect(session["login"].text == login) }
      let asked = try testHome.simulator.requests().count
      let words = try testHome.run("resolve", alias).output
      #expect(words.contains("expires    20") && words.contains("host trust "), "\(words)")
      #expect(try testHome.simulator.requests().count == asked)
    }

    @Test(arguments: ["resolve --json sb1.prime", "sessions --json", "list", "setup --print"])
    func `an answer that cannot be written is a failure`(_ words: String) throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.shell("\(BuiltProgram.sshproxy) \(words) >/dev/full")
      #expect(end.status == 74, "\(end)")
      #expect(end.errors.contains("error: write the output: no space left on device"), "\(end)")
      let gone = try testHome.shell(
        "\(BuiltProgram.sshproxy) \(words) | true; exit ${PIPESTATUS[0]}")
      #expect(gone.errorLines("sshproxy: error: ").isEmpty, "\(gone)")
    }

    /// Files that their owner could not open would keep the next run out.
    @Test func `a umask of 777 keeps nobody out`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.shell(
        "umask 777; \(BuiltProgram.sshproxy) prepare sb1.prime "
          + "&& \(BuiltProgram.sshproxy) connect sb1.prime </dev/null >/dev/null")
      #expect(end.status == 0, "\(end)")
      let found = try testHome.shell(
        "find $HOME/.local -type f ! -perm 600; find $HOME/.local -type d ! -perm 700")
      #expect(found.output.isEmpty && found.status == 0, "\(found)")
    }

    @Test func `the route jump and its target`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.configure(
        "[dedalus]\nroute = \"jump\"\njump_target = \"inner:2222\"\n")
      let answer = try JSONAnswer(try testHome.run("resolve", "--json", "dm-abc.dedalus").output)
      #expect(answer["route"].text == "jump" && answer["jump_target"].text == "inner:2222")
    }

    @Test(arguments: [("nowhere", Int32(68)), ("-x", 64), ("a..b.prime", 64), ("dm_x.dedalus", 64)])
    func `resolve refuses what is no alias`(_ alias: String, _ status: Int32) throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.run("resolve", alias)
      #expect(end.status == status && end.output.isEmpty, "\(end)")
      #expect(end.errorLines("sshproxy: error: ").count == 1)
    }

    @Test func `sessions shows what is there`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      #expect(
        try JSONAnswer(try testHome.run("sessions", "--json").output)["sessions"].list.isEmpty)
      for alias in ["sb1.prime", "node1.tensorpool"] { _ = try testHome.run("prepare", alias) }
      let end = try testHome.run("sessions", "--json")
      let sessions = try JSONAnswer(end.output)["sessions"].list
      #expect(sessions.map { $0["alias"].text } == ["node1.tensorpool", "sb1.prime"])
      let names = Self.sessionNames.union(["alias", "provider", "id", "state"])
      #expect(sessions.allSatisfy { $0.names == names && $0["state"].text == "current" })
      #expect(sessions[0]["session_id"].isNull && sessions[1]["session_id"].text != nil)
      #expect(testHome.hidesKeys(end))
      let lines = try testHome.run("sessions").output.split(separator: "\n")
      #expect(lines.count == 2 && lines.allSatisfy { $0.split(separator: "\t").count == 6 })
      let table = try testHome.onTerminal("sessions")
      #expect(table.hasPrefix("ALIAS             PROVIDER"), "\(table)")
    }

    /// The login is cut first; when a session ends is never.
    @Test(arguments: [80, 60, 45]) func `sessions fits the terminal`(_ columns: Int) throws {
      let testHome = try CommandHome(CommandTests.simulator)
      for alias in ["sb1.prime", "dm-abc.dedalus", "node1.tensorpool"] {
        #expect(try testHome.run("prepare", alias).status == 0)
      }
      let lines = try testHome.onTerminal(columns: columns, "sessions").split(separator: "\n")
      #expect(lines.count == 4 && lines.allSatisfy { $0.count <= columns }, "\(lines)")
      #expect(lines[0].hasPrefix("ALIAS ") && lines[0].hasSuffix(" EXPIRES"), "\(lines)")
      #expect(lines.dropFirst().allSatisfy { $0.hasSuffix(" min") }, "\(lines)")
      #expect(lines[0].contains(" ENDPOINT ") == (columns >= 60), "\(lines)")
    }

    @Test func `sessions tells the old from the new`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      _ = try testHome.run("prepare", "sb1.prime")
      func states() throws -> [String] {
        try JSONAnswer(try testHome.run("sessions", "--json").output)["sessions"].list
          .compactMap { $0["state"].text }
      }
      // Renewed in the last of its fifteen minutes, it stays beside the new one.
      try testHome.home.age("sb1.prime", by: 875)
      _ = try testHome.run("prepare", "sb1.prime")
      #expect(try states().sorted() == ["current", "replaced"])
      try testHome.home.age("sb1.prime", by: 30)
      #expect(try states().sorted() == ["current", "expired"])
    }
  }
}
