import Foundation
import TestSupport
import Testing

extension CommandTests {
  @Suite struct ListTests {
    @Test func `every page of every provider that there is a key for`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.simulator.scenario(
        #"""
        {"prime": {"per_page": 2, "sandboxes": ["sb1", "sb2", "vm1", "sb4", "sb5"]}}
        """#)
      let end = try testHome.run("list", "--json")
      #expect(end.status == 0 && end.errors.isEmpty, "\(end)")
      let answer = try JSONAnswer(end.output)
      #expect(answer.names == ["machines", "failures", "truncated", "prime", "prime-pod"])
      let machines = answer["machines"].list
      #expect(
        machines.map { $0["alias"].text } == [
          "sb1.prime", "sb2.prime", "sb4.prime", "sb5.prime", "vm1.prime",
          "\(CommandHome.uuid).dedalus", "dm-abc.dedalus", "dm-def.dedalus",
          "6f1c2a9be0d74c53.prime-pod", "a4d0e8b7c2f91635.prime-pod",
        ])
      #expect(
        machines.allSatisfy {
          $0.names == [
            "alias", "provider", "id", "name", "gpu", "gpu_count", "price_per_hour", "nodes",
            "state",
            "created_at", "ends_at",
          ]
        })
      #expect(machines[0]["name"].text == "sb1-name" && machines[0]["state"].text == "RUNNING")
      #expect(machines[5]["name"].isNull && machines[5]["state"].text == "running")
      #expect(machines[0]["created_at"].text == "2026-01-02T03:04:05Z")
      #expect(machines[0]["ends_at"].text == "2026-01-02T04:04:06Z")
      #expect(machines[0]["gpu_count"].number == 0 && machines[5]["ends_at"].isNull)
      #expect(try testHome.count("GET", "/sandbox") == 3)
      #expect(testHome.hidesKeys(end))
    }

    @Test func `a hundred and one machines are two pages at Dedalus`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let ids = (1...101).map { "\"dm-x\($0)\"" }.joined(separator: ", ")
      try testHome.simulator.scenario("{\"dedalus\": {\"machines\": [\(ids)]}}")
      let end = try testHome.run("list", "dedalus")
      #expect(end.output.split(separator: "\n").count == 101, "\(end)")
      #expect(end.output.hasPrefix("dm-x1.dedalus\tdedalus\trunning\t-\t2026-01-02T03:04:05Z\t-"))
      #expect(end.output.contains("\ndm-x101.dedalus\t") && end.output.hasSuffix("\t-\n"))
      #expect(try testHome.count("GET", "/machines") == 2)
      #expect(try testHome.count("GET", "/sandbox") == 0)
    }

    @Test func `a list that is too long is cut, and says where`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let ids = (1...5001).map { "\"dm-x\($0)\"" }.joined(separator: ", ")
      let names = (1...101).map { "\"sb\($0)\"" }.joined(separator: ", ")
      try testHome.simulator.scenario(
        "{\"dedalus\": {\"machines\": [\(ids)]}, \"prime\": {\"per_page\": 1, \"sandboxes\": [\(names)]}}"
      )
      let end = try testHome.run("list", "--json")
      #expect(end.status == 0, "\(end.errors)")
      let note = "the list stops after"
      #expect(end.errors.contains("sshproxy: note: prime: \(note) 100 machines; there are more\n"))
      #expect(
        end.errors.contains("sshproxy: note: dedalus: \(note) 5000 machines; there are more\n"))
      let answer = try JSONAnswer(end.output)
      // Two of them are pods.
      #expect(answer["machines"].list.count == 5102)
      #expect(answer["truncated"].list.map(\.text) == ["prime", "dedalus"])
      #expect(try testHome.count("GET", "/sandbox") == 100)
      #expect(try testHome.count("GET", "/machines") == 50)
    }

    @Test func `a key in the place of a name is not shown`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let keys = testHome.environment.filter { $0.key.hasSuffix("KEY") }.values
      let escaped = keys.map { key in
        "\"a-" + key.utf16.map { "\\u00" + String($0, radix: 16) }.joined() + "\""
      }
      try testHome.simulator.scenario(
        "{\"prime\": {\"sandboxes\": [\(escaped.joined(separator: ", "))]}}")
      for end in [try testHome.run("list", "-v"), try testHome.run("list", "--json")] {
        #expect(end.status == 0 && end.output.contains("a-***"), "\(end)")
        #expect(testHome.hidesKeys(end), "\(end)")
      }
    }

    @Test func `a provider that fails does not hide the other`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      testHome.environment["PRIME_API_KEY"] = "pit_wrong"
      let end = try testHome.run("list", "--json")
      #expect(end.status == 77, "\(end)")
      #expect(end.errors.contains("sshproxy: error: prime: list the sandboxes: Prime Intellect "))
      #expect(end.errors.contains("sshproxy: hint: "))
      let answer = try JSONAnswer(end.output)
      #expect(
        answer["machines"].list.map { $0["id"].text } == [CommandHome.uuid, "dm-abc", "dm-def"])
      let failure = try #require(answer["failures"].list.first)
      #expect(failure.names == ["provider", "kind", "message", "hint"])
      #expect(failure["provider"].text == "prime" && failure["kind"].text == "denied")
      let plain = try testHome.run("list")
      #expect(
        plain.status == 77 && plain.output.hasPrefix("\(CommandHome.uuid).dedalus\t"), "\(plain)")
    }

    @Test func `on a terminal it is a table`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let lines = try testHome.onTerminal("list", "prime").split(separator: "\n")
      // Nobody has a GPU or says a price.
      #expect(lines.first == "ALIAS      NAME      STATE    AGE    LEFT     PROVIDER", "\(lines)")
      let row = /(sb1|sb2|vm1)\.prime  \1-name  RUNNING  \d{3} d  expired  prime/
      #expect(lines.count == 4 && lines.dropFirst().allSatisfy { $0.wholeMatch(of: row) != nil })
    }

    @Test func `names under hosts stand for their machines, odd ids have no alias`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.configure("[hosts.train]\nprovider = \"prime\"\nid = \"sb2\"\n")
      try testHome.simulator.scenario(
        #"{"prime": {"sandboxes": ["sb1", "sb2", "Big", "../x", "a\u001b[31mb"]}}"#)
      let end = try testHome.run("list", "prime", "--json")
      let machines = try JSONAnswer(end.output)["machines"].list
      #expect(
        machines.map { $0["alias"].text } == [nil, nil, "big-name.prime", "sb1.prime", "train"])
      #expect(machines.map { $0["id"].text } == ["../x", "a?[31mb", "Big", "sb1", "sb2"])
      #expect(!end.output.contains("\u{1b}") && !end.output.contains("\\u001b"))
    }

    @Test(arguments: [
      (#"{"replace_fields": {"hasNext": true}}"#, "the list does not end"),
      (#"{"remove_fields": ["hasNext"]}"#, "the answer lacks \"has"),
      (#"{"status": 404, "body": "{}"}"#, "does not know this call (HTTP 404)"),
    ])
    func `a list that makes no sense`(_ change: String, _ words: String) throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let fault = change.dropFirst()
      try testHome.simulator.scenario(
        #"{"faults": [{"method": "GET", "path": "/sandbox", "times": -1, \#(fault)]}"#)
      let end = try testHome.run("list", "prime")
      #expect(end.status == 65 && end.errors.contains(words) && end.output.isEmpty, "\(end)")
    }

    @Test func `TensorPool is mentioned only when asked for`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.run("list", "tensorpool")
      #expect(end.status == 64 && end.errors.contains("`tp cluster list`"), "\(end)")
      #expect(!(try testHome.run("list").errors.contains("TensorPool")))
    }

    @Test func `a team's sandboxes, and it says whose they are`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      testHome.environment["PRIME_TEAM_ID"] = "t-sim"
      let team = try testHome.run("list", "prime")
      #expect(team.status == 0 && team.output.hasPrefix("sb7.prime\tprime\t"), "\(team)")
      #expect(team.errors == "sshproxy: note: prime: team t-sim (PRIME_TEAM_ID)\n")
      let json = try JSONAnswer(try testHome.run("list", "prime", "--json").output)
      #expect(json["prime"]["team"].text == "t-sim" && json["prime"]["context"].isNull)
      // Access by id needs no team, and no empty one is ever sent.
      #expect(try testHome.run("prepare", "sb7.prime").status == 0)
      testHome.environment["PRIME_TEAM_ID"] = ""
      let personal = try testHome.run("list", "prime")
      #expect(personal.output.hasPrefix("sb1.prime\t"), "\(personal)")
      #expect(personal.errors == "sshproxy: note: prime: personal scope (PRIME_TEAM_ID)\n")
      let teams = try testHome.simulator.requests().map { $0.query["team_id"] }
      #expect(teams.compactMap { $0 } == ["t-sim", "t-sim"])
    }

    @Test func `a context is laid over the vendor's file, and one that is not there is an error`()
      throws
    {
      let testHome = try CommandHome(CommandTests.simulator)
      let key = try #require(testHome.environment["PRIME_API_KEY"])
      let url = try #require(testHome.environment["PRIME_API_BASE_URL"])
      for name in ["PRIME_API_KEY", "PRIME_API_BASE_URL"] { testHome.environment[name] = nil }
      try testHome.home.write(#"{"api_key": "other"}"#, to: ".prime/config.json")
      try testHome.home.write(
        #"{"api_key": "\#(key)", "team_id": "t-sim", "base_url": "\#(url)/api/v1"}"#,
        to: ".prime/environments/work.json")
      testHome.environment["PRIME_CONTEXT"] = "work"
      let end = try testHome.run("list", "prime")
      #expect(end.status == 0 && end.output.hasPrefix("sb7.prime\t"), "\(end)")
      #expect(end.errors.contains("team t-sim (") && end.errors.contains("context work (PRIME_CO"))
      #expect(testHome.hidesKeys(end))
      let login = try testHome.run("login", "prime", input: key)
      #expect(login.status == 0 && login.errors.contains("context work (PRIME_CO"), "\(login)")
      let check = try testHome.run("check", "--json")
      #expect(check.output.contains("context work (PRIME_CONTEXT)"), "\(check)")
      testHome.environment["PRIME_CONTEXT"] = "gone"
      for words in [["list", "prime"], ["list"], ["prepare", "sb1.prime"]] {
        let end = try testHome.sshproxy(words, within: 60)
        #expect(end.status == 78 && end.errors.contains("\"gone\""), "\(end)")
      }
    }

    @Test func `without any key it says how to give one`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      for name in ["PRIME_API_KEY", "DEDALUS_API_KEY"] {
        testHome.environment.removeValue(forKey: name)
      }
      let end = try testHome.run("list")
      #expect(end.status == 77 && end.errors.contains("`sshproxy login prime`"), "\(end)")
      #expect(try testHome.simulator.requests().isEmpty)
    }
  }
}
