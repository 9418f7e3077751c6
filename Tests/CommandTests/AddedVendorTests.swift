import Foundation
import SystemIO
import TestSupport
import Testing

/// A vendor that is a folder and a row, and nothing else: `Tests/Acme`, the worked example of
/// CONTRIBUTING.md.
extension CommandTests {
  @Suite struct AddedVendorTests {
    /// A desk whose `sshproxy` has that vendor, and its API.
    private func desk() throws -> (desk: Desk, api: AcmeAPI, program: String) {
      let desk = try Desk(CommandTests.simulator)
      let session = try desk.run("resolve", "--create", "--json", "node1.tensorpool")
      let place = try JSONAnswer(session.output)["session"]
      let api = try AcmeAPI(
        host: try #require(place["host"].text), port: try #require(place["port"].number),
        user: try #require(place["login"].text))
      desk.place.environment["ACME_API_KEY"] = AcmeAPI.key
      desk.place.environment["ACME_BASE_URL"] = api.url
      // The two programs stand beside each other, as they are installed.
      try desk.place.home.write("", to: "bin/.keep")
      let program = desk.place.home.path(of: "bin/sshproxy")
      try FileManager.default.copyItem(atPath: BuiltProgram.sshproxy, toPath: program)
      try FileManager.default.copyItem(
        atPath: BuiltProgram.path(of: "sshproxy-session-acme"), toPath: program + "-session")
      return (desk, api, program)
    }

    private func run(_ desk: Desk, _ program: String, _ words: String..., input: String? = nil)
      throws -> ProgramEnd
    {
      guard let input else { return try desk.place.start(program, words).end(within: 60) }
      let file = try desk.place.home.write(input, to: "input")
      return try desk.place.start(program, words, input: .file(file)).end(within: 60)
    }

    @Test func `ssh logs in to its machine after setup`() throws {
      let (desk, api, program) = try desk()
      let configuration = desk.place.sshConfiguration
      let setup = try run(desk, program, "setup", "--ssh-config", configuration)
      #expect(setup.status == 0, "\(setup)")
      for _ in ["cold", "warm"] {
        let end = try desk.place.ssh(["m1.acme", "echo in"], within: 60)
        #expect(end.status == 0 && end.output == "in\n", "\(end)")
      }
      #expect(api.requests.count { $0.contains("/v1/machines/m1 ") } == 1)
      let resolved = try JSONAnswer(try run(desk, program, "resolve", "--json", "m1.acme").output)
      #expect(resolved["provider"].text == "acme" && resolved["id"].text == "m1")
      #expect(!resolved["session"].isNull)
      let closed = try run(desk, program, "close", "m1.acme")
      #expect(closed.status == 0, "\(closed)")
    }

    @Test func `config.toml knows its table, and [hosts] its machines`() throws {
      let (desk, api, program) = try desk()
      try desk.place.configure(
        "[acme]\nregion = \"north\"\nsuffix = \"ac\"\n[hosts.lab]\nprovider = \"acme\"\nid = \"m7\"\n"
      )
      let lab = try run(desk, program, "prepare", "lab")
      #expect(lab.status == 0, "\(lab)")
      #expect(
        api.requests.contains {
          $0.contains("/v1/machines/m7 ") && $0.contains("X-Acme-Region: north")
        })
      #expect(try run(desk, program, "prepare", "m1.ac").status == 0)
      try desk.place.configure("[acme]\nregoin = \"north\"\n")
      let wrong = try run(desk, program, "prepare", "lab")
      #expect(wrong.status == 78 && wrong.errors.contains("did you mean \"region\"?"), "\(wrong)")
      try desk.place.configure("[acme]\nregion = \"no rth\"\n")
      let worse = try run(desk, program, "prepare", "lab")
      #expect(worse.status == 78 && worse.errors.contains("cannot be a region"), "\(worse)")
    }

    @Test func `list, check and login ask it`() throws {
      let (desk, api, program) = try desk()
      let list = try run(desk, program, "list", "acme")
      #expect(list.status == 0 && list.output.hasPrefix("m1.acme\tacme\tRUNNING"), "\(list)")
      let all = try run(desk, program, "list")
      #expect(all.output.contains("sb1.prime") && all.output.contains("m1.acme"), "\(all)")
      let check = try run(desk, program, "check", "--json")
      let steps = try JSONAnswer(check.output)["checks"].list
      for name in ["key acme", "api acme"] {
        let step = steps.first { $0["name"].text == name }
        #expect(step?["state"].text == "green", "\(check)")
      }
      #expect(check.output.contains("of ann@acme.example"))
      desk.place.environment.removeValue(forKey: "ACME_API_KEY")
      #expect(
        try run(desk, program, "list", "acme").errors.contains("`sshproxy login acme`, or set ACME")
      )
      let login = try run(desk, program, "login", "acme", input: AcmeAPI.key + "\n")
      #expect(
        login.status == 0 && login.output.hasPrefix("stored the key for Acme (ann@acme"), "\(login)"
      )
      let refused = try run(desk, program, "login", "acme", input: "another-key\n")
      #expect(refused.status == 77, "\(refused)")
      #expect(try run(desk, program, "list", "acme").status == 0)
      #expect(api.requests.count { $0.contains("/v1/me ") } == 3)
    }

    @Test func `completion, help and the manual tell of it`() throws {
      let (desk, _, program) = try desk()
      for shell in ["bash", "zsh", "fish"] {
        let script = try run(desk, program, "--generate-completion-script", shell)
        #expect(script.status == 0 && script.output.contains("acme"), "\(shell)")
      }
      for words in [["--help"], ["list", "--help"], ["login", "--help"]] {
        let help = try desk.place.start(program, words).end(within: 60)
        #expect(help.output.lowercased().contains("acme"), "\(help)")
      }
      let end = try desk.place.start(
        "/bin/bash", [Self.root + "scripts/manual", "--print", "--program", program + "-session"]
      ).end(within: 60)
      for part in ["## [acme]", "| `region` | The region that is asked. |", "`ACME_API_KEY`"] {
        #expect(end.output.contains(part), "\(part): \(end.errors)")
      }
    }

    /// No program that is run for another provider sees its key.
    @Test func `its key is kept from children`() throws {
      let (desk, _, program) = try desk()
      let seen = desk.place.home.path(of: "seen")
      let script = try desk.place.home.write(
        "#!/bin/sh\nenv >'\(seen)'\nexit 1\n", to: "mine", mode: 0o700)
      try desk.place.configure("[hosts.x]\nprovider = \"command\"\ncommand = [\"\(script)\"]\n")
      #expect(try run(desk, program, "prepare", "x").status != 0)
      let text = try #require(desk.place.home.read("seen"))
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

    private static let root =
      URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../..").standardized
      .path + "/"
  }
}

/// The API of a vendor that has one machine, of any name.
private final class AcmeAPI: Sendable {
  static let key = "acme-key-0123456789"

  private let listener: LoopbackListener
  private let machine: String
  private let seen = NSLock()
  nonisolated(unsafe) private var log: [String] = []

  var url: String { "http://127.0.0.1:\(listener.port)" }
  var requests: [String] { seen.withLock { log } }

  init(host: String, port: Int, user: String) throws {
    listener = try LoopbackListener()
    machine = #"{"host": "\#(host)", "port": \#(port), "user": "\#(user)"}"#
    Thread { [weak self] in
      while let self, self.serve() {}
    }.start()
  }

  private func serve() -> Bool {
    guard listener.hasVisitor(within: 50) else { return true }
    guard let peer = try? listener.accept() else { return false }
    guard let text = try? peer.receiveRequest() else { return true }
    seen.withLock { log.append(text) }
    let isKnown = text.contains("Authorization: Bearer \(Self.key)\r\n")
    let path = text.split(separator: " ").dropFirst().first ?? ""
    let body =
      switch path {
      case "/v1/me": #"{"email": "ann@acme.example"}"#
      case "/v1/machines": #"{"machines": [{"id": "m1", "state": "RUNNING"}]}"#
      default: machine
      }
    let head =
      isKnown ? "HTTP/1.1 200 OK" : "HTTP/1.1 401 Unauthorized"
    try? peer.send(
      "\(head)\r\nContent-Length: \(body.utf8.count)\r\nConnection: close\r\n\r\n\(body)")
    peer.close()
    return true
  }
}
