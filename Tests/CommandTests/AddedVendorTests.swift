import Foundation
import TestSupport
import Testing

/// A vendor that is a folder and a row, and nothing else: `Tests/Acme`, the worked example of
/// CONTRIBUTING.md.
extension CommandTests {
  @Suite struct AddedVendorTests {
    @Test func `ssh logs in to its machine after setup`() throws {
      let acme = try AcmeHome()
      let (testHome, api) = (acme.testHome, acme.api)
      let configuration = testHome.sshConfiguration
      let setup = try acme.testHome.run("setup", "--ssh-config", configuration)
      #expect(setup.status == 0, "\(setup)")
      for _ in ["cold", "warm"] {
        let end = try testHome.ssh(["m1.acme", "echo in"], within: 60)
        #expect(end.status == 0 && end.output == "in\n", "\(end)")
      }
      #expect(api.requests.count { $0.contains("/v1/machines/m1 ") } == 1)
      let resolved = try JSONAnswer(try acme.testHome.run("resolve", "--json", "m1.acme").output)
      #expect(resolved["provider"].text == "acme" && resolved["id"].text == "m1")
      #expect(!resolved["session"].isNull)
      let closed = try acme.testHome.run("close", "m1.acme")
      #expect(closed.status == 0, "\(closed)")
    }

    @Test func `config.toml knows its table, and [hosts] its machines`() throws {
      let acme = try AcmeHome()
      let (testHome, api) = (acme.testHome, acme.api)
      try testHome.configure(
        "[acme]\nregion = \"north\"\nsuffix = \"ac\"\n[hosts.lab]\nprovider = \"acme\"\nid = \"m7\"\n"
      )
      let lab = try acme.testHome.run("prepare", "lab")
      #expect(lab.status == 0, "\(lab)")
      #expect(
        api.requests.contains {
          $0.contains("/v1/machines/m7 ") && $0.contains("X-Acme-Region: north")
        })
      #expect(try acme.testHome.run("prepare", "m1.ac").status == 0)
      try testHome.configure("[acme]\nregoin = \"north\"\n")
      let wrong = try acme.testHome.run("prepare", "lab")
      #expect(wrong.status == 78 && wrong.errors.contains("did you mean \"region\"?"), "\(wrong)")
      try testHome.configure("[acme]\nregion = \"no rth\"\n")
      let worse = try acme.testHome.run("prepare", "lab")
      #expect(worse.status == 78 && worse.errors.contains("cannot be a region"), "\(worse)")
    }

    @Test func `list, check and login ask it`() throws {
      let acme = try AcmeHome()
      let (testHome, api) = (acme.testHome, acme.api)
      let list = try acme.testHome.run("list", "acme")
      #expect(list.status == 0 && list.output.hasPrefix("m10.acme\tacme\tRUNNING"), "\(list)")
      let all = try acme.testHome.run("list")
      #expect(all.output.contains("sb1.prime") && all.output.contains("m1.acme"), "\(all)")
      let check = try acme.testHome.run("check", "--json")
      let steps = try JSONAnswer(check.output)["checks"].list
      for name in ["key acme", "api acme"] {
        let step = steps.first { $0["name"].text == name }
        #expect(step?["state"].text == "green", "\(check)")
      }
      #expect(check.output.contains("of ann@acme.example"))
      testHome.environment.removeValue(forKey: "ACME_API_KEY")
      #expect(
        try acme.testHome.run("list", "acme").errors.contains("`sshproxy login acme`, or set ACME")
      )
      let login = try acme.testHome.run("login", "acme", input: AcmeAPI.key + "\n")
      #expect(
        login.status == 0 && login.output.hasPrefix("stored the key for Acme (ann@acme"), "\(login)"
      )
      let refused = try acme.testHome.run("login", "acme", input: "another-key\n")
      #expect(refused.status == 77, "\(refused)")
      #expect(try acme.testHome.run("list", "acme").status == 0)
      #expect(api.requests.count { $0.contains("/v1/me ") } == 3)
    }

    @Test func `completion, help and the manual tell of it`() throws {
      let acme = try AcmeHome()
      let testHome = acme.testHome
      for shell in ["bash", "zsh", "fish"] {
        let script = try acme.testHome.run("--generate-completion-script", shell)
        #expect(script.status == 0 && script.output.contains("acme"), "\(shell)")
      }
      for words in [["--help"], ["list", "--help"], ["login", "--help"]] {
        let help = try testHome.start(acme.testHome.program, words).end(within: 60)
        #expect(help.output.lowercased().contains("acme"), "\(help)")
      }
      let end = try testHome.start(
        "/bin/bash",
        [Self.root + "scripts/manual", "--print", "--program", acme.testHome.program + "-session"]
      ).end(within: 60)
      for part in ["## [acme]", "| `region` | The region that is asked. |", "`ACME_API_KEY`"] {
        #expect(end.output.contains(part), "\(part): \(end.errors)")
      }
    }

    /// No program that is run for another provider sees its key.
    @Test func `its key is kept from children`() throws {
      let acme = try AcmeHome()
      let testHome = acme.testHome
      let seen = testHome.home.path(of: "seen")
      let script = try testHome.home.write(
        "#!/bin/sh\nenv >'\(seen)'\nexit 1\n", to: "mine", mode: 0o700)
      try testHome.configure("[hosts.x]\nprovider = \"command\"\ncommand = [\"\(script)\"]\n")
      #expect(try acme.testHome.run("prepare", "x").status != 0)
      let text = try #require(testHome.home.read("seen"))
      #expect(text.contains("ACME_BASE_URL=") && !text.contains("ACME_API_KEY"), "\(text)")
    }

    @Test func `CONTRIBUTING has it to the letter`() throws {
      let guide = try String(contentsOfFile: Self.root + "CONTRIBUTING.md", encoding: .utf8)
      let example = try String(
        contentsOfFile: Self.root + "Tests/Acme/AcmeVendor.swift", encoding: .utf8)
      let blocks = guide.components(separatedBy: "```swift\n").dropFirst()
        .compactMap { $0.components(separatedBy: "```").first }
      // There, the file belongs to the module that it imports here.
      #expect(blocks.contains(example.replacing("import Providers\n", with: "")))
    }

    static let root =
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
      .path + "/"
  }
}
