import Foundation
import SystemIO
import TestSupport
import Testing

/// Whose hosts are ours, what the list shows to decide by, and names in the place of ids.
extension CommandTests {
  @Suite struct NamesTests {
    /// The user's own host, which has the form of a vendor's alias.
    private static let own = "Host m1.acme\n    HostName own.invalid\n    ProxyCommand none\n"

    private func sshSees(_ acme: AcmeHome, _ host: String) throws -> String {
      try acme.testHome.ssh(["-G", host], within: 60).output
    }

    @Test func `without a key for a vendor its hosts stay the user's, and with one setup is due`()
      throws
    {
      let acme = try AcmeHome()
      let testHome = acme.testHome
      testHome.environment["ACME_API_KEY"] = nil
      let before = try #require(testHome.home.read("ssh_config"))
      try testHome.home.write(Self.own + before, to: "ssh_config")
      try acme.setUp()
      let seen = try sshSees(acme, "m1.acme")
      #expect(
        seen.contains("hostname own.invalid\n") && !seen.contains("connect --fdpass"), "\(seen)")
      #expect(try sshSees(acme, "sb1.prime").contains("connect --fdpass"))
      let login = try testHome.ssh(["m1.acme", "true"], within: 60)
      #expect(
        login.errors.contains("own.invalid") && !login.errors.contains("sshproxy"), "\(login)")
      #expect(try setupState(acme) == "green")

      // `login` looks at the default place.
      try testHome.home.write(Self.own, to: ".ssh/config")
      #expect(try acme.testHome.run("setup").status == 0)
      let stored = try acme.testHome.run("login", "acme", input: AcmeAPI.key + "\n")
      #expect(stored.status == 0, "\(stored)")
      #expect(
        stored.errors.contains("ssh does not call sshproxy for *.acme yet: run `sshproxy setup`"))
      let check = try acme.testHome.run("check", "--ssh-config", testHome.sshConfiguration)
      #expect(check.output.contains("ssh does not call sshproxy for *.acme"), "\(check)")
      try acme.setUp()
      #expect(try setupState(acme) == "green")
      #expect(try sshSees(acme, "m2.acme").contains("connect --fdpass"))
      let again = try acme.testHome.run("login", "acme", input: AcmeAPI.key + "\n")
      #expect(again.errors.contains("*.acme"), "the default place still lacks it: \(again)")
      #expect(try acme.testHome.run("setup").status == 0)
      #expect(try acme.testHome.run("login", "acme", input: AcmeAPI.key + "\n").errors.isEmpty)
    }

    private func setupState(_ acme: AcmeHome) throws -> String? {
      let end = try acme.testHome.run(
        "check", "--json", "--ssh-config", acme.testHome.sshConfiguration)
      return try JSONAnswer(end.output)["checks"].list.first { $0["name"].text == "setup" }?[
        "state"
      ]
      .text
    }

    /// Where the key is in the environment alone, another environment is no reason to undo it.
    @Test func `what setup has claimed once is not behind without the key`() throws {
      let acme = try AcmeHome()
      try acme.setUp()
      #expect(try sshSees(acme, "m2.acme").contains("connect --fdpass"))
      acme.testHome.environment["ACME_API_KEY"] = nil
      #expect(try setupState(acme) == "green")
      let again = try acme.testHome.run("setup", "--ssh-config", acme.testHome.sshConfiguration)
      #expect(again.status == 0 && again.errors.contains("for *.acme any more"), "\(again)")
      #expect(!(try sshSees(acme, "m2.acme").contains("connect --fdpass")))
      try acme.testHome.configure("[acme]\nregion = \"north\"\n")
      #expect(try setupState(acme) == "yellow")
      try acme.setUp()
      #expect(try sshSees(acme, "m2.acme").contains("connect --fdpass"))
    }

    @Test func `the list is sorted and has what the vendor says`() throws {
      let acme = try AcmeHome()
      let json = try JSONAnswer(try acme.testHome.run("list", "acme", "--json").output)
      let machines = json["machines"].list
      #expect(machines.map { $0["id"].text } == ["m10", "m9", "m1", "m2", "m3"])
      let big = machines[0]
      #expect(big["gpu"].text == "H100" && big["gpu_count"].number == 8)
      #expect((big["price_per_hour"].value as? Double) == 19.92 && big["nodes"].number == 2)
      #expect(machines[3]["price_per_hour"].isNull && machines[3]["gpu"].isNull)
      let plain = try acme.testHome.run("list", "acme")
      #expect(
        plain.output.hasPrefix(
          "m10.acme\tacme\tRUNNING\tbig\t2026-01-02T03:04:05Z\tH100\t8\t19.92\t2\t-\n"), "\(plain)")
    }

    @Test func `on a terminal it is as wide as that`() throws {
      let acme = try AcmeHome()
      let wide = try acme.testHome.onTerminal(columns: 100, "list", "acme").split(separator: "\n")
      #expect(
        wide.first.map { $0.split(separator: " ").map(String.init) } == [
          "ALIAS", "NAME", "GPU", "$/H", "STATE", "AGE", "NODES", "PROVIDER",
        ], "\(wide)")
      #expect(wide.count == 6)
      #expect(
        wide.contains {
          $0.wholeMatch(of: /m10\.acme +big +8 × H100 +19\.92 +RUNNING +\d+ d +2 +acme/) != nil
        },
        "\(wide)")
      #expect(wide.contains { $0.hasPrefix("m3.acme") && $0.contains(" 0.0450 ") }, "\(wide)")
      for columns in [60, 45, 40] {
        let lines = try acme.testHome.onTerminal(columns: columns, "list", "acme").split(
          separator: "\n")
        #expect(lines.count == 6 && lines.allSatisfy { $0.count <= columns }, "\(lines)")
        #expect(lines.allSatisfy { $0.hasPrefix("ALIAS") || $0.contains(".acme") })
      }
    }

    @Test func `a name leads to the login that the id leads to`() throws {
      let acme = try AcmeHome()
      try acme.setUp()
      for _ in ["cold", "warm"] {
        let end = try acme.testHome.ssh(["train.acme", "echo in"], within: 60)
        #expect(end.status == 0 && end.output == "in\n", "\(end)")
      }
      func calls(_ path: String) -> Int { acme.api.requests.count { $0.contains("GET \(path) ") } }
      #expect(calls("/v1/machines/train") == 1 && calls("/v1/machines") == 1)
      #expect(calls("/v1/machines/m1") == 1)
      let resolved = try JSONAnswer(try acme.testHome.run("resolve", "--json", "train.acme").output)
      #expect(resolved["alias"].text == "train.acme" && resolved["id"].text == "m1")
      // The list is a minute good, but an id comes first: it may have left that out.
      #expect(try acme.testHome.run("prepare", "BIG.acme").status == 0)
      let big = try JSONAnswer(try acme.testHome.run("resolve", "--json", "big.acme").output)
      #expect(big["alias"].text == "big.acme" && big["id"].text == "m10")
      #expect(calls("/v1/machines") == 1 && calls("/v1/machines/big") == 1)
      #expect(try acme.testHome.run("close", "train.acme").status == 0)
      // An id wins over a name: `m1` is another's name, too.
      #expect(try acme.testHome.run("prepare", "m1.acme").status == 0)
      let one = try JSONAnswer(try acme.testHome.run("resolve", "--json", "m1.acme").output)
      #expect(one["id"].text == "m1")
    }

    @Test func `two of one name are both named, and nobody's name is no machine`() throws {
      let acme = try AcmeHome()
      for words in [["prepare", "twin.acme"], ["ssh", "TWIN.acme"]] {
        let end = try acme.testHome.start(acme.testHome.program, words).end(within: 60)
        #expect(end.status == 68, "\(end)")
        #expect(end.errors.contains("m2.acme, m3.acme") && end.errors.contains("hint: use one of"))
      }
      let none = try acme.testHome.run("prepare", "nobody.acme")
      #expect(none.status == 68 && none.errors.contains("Acme knows no such machine"), "\(none)")
      acme.testHome.environment["ACME_API_KEY"] = "wrong-key-0123"
      #expect(try acme.testHome.run("prepare", "other.acme").status == 77)
    }

    @Test func `several vendors are asked at once`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.simulator.scenario(
        #"""
        {"faults": [{"method": "GET", "path": "/sandbox", "delay_ms": 3000},
                    {"method": "GET", "path": "/machines", "delay_ms": 3000, "times": -1},
                    {"method": "GET", "path": "/whoami", "delay_ms": 3000},
                    {"method": "GET", "path": "/user/info", "delay_ms": 3000}]}
        """#)
      for words in [["list"], ["check"]] {
        let end = try testHome.sshproxy(words, within: 60)
        try end.expectTime(within: 5.5)
        #expect(end.seconds >= 3, "\(words): \(end)")
        #expect(words != ["list"] || end.status == 0, "\(end)")
      }
    }

    @Test func `completion offers names that lead to one machine`() throws {
      let acme = try AcmeHome()
      acme.testHome.environment["SAP_SHELL"] = "bash"
      _ = try acme.testHome.run("list", "acme")
      let end = try acme.testHome.run(
        "---completion", "resolve", "--", "positional@0", "2", "0", "sshproxy", "resolve", "")
      let offered = Set(end.output.split(separator: "\n").map(String.init))
      #expect(offered.isSuperset(of: ["train.acme", "big.acme", "m1.acme", "m10.acme"]), "\(end)")
      #expect(!offered.contains("twin.acme"))
    }
  }
}
