import Foundation
import SystemIO
import TestSupport
import Testing

extension CommandTests {
  @Suite struct CheckTests {
    private struct Outcome {
      let end: ProgramEnd
      let answer: JSONAnswer

      var checks: [JSONAnswer] { answer["checks"].list }
      func check(_ name: String) -> JSONAnswer? { checks.first { $0["name"].text == name } }
      func state(_ name: String) -> String? { check(name)?["state"].text }
      func detail(_ name: String) -> String { check(name)?["detail"].text ?? "" }
      /// The steps that are red.
      var red: [String] {
        checks.filter { $0["state"].text == "red" }.compactMap { $0["name"].text }
      }
    }

    /// Runs it, and looks at what holds for every outcome.
    private func check(_ testHome: CommandHome, _ alias: String? = nil) throws -> Outcome {
      let words = ["check", "--json", "--ssh-config", testHome.sshConfiguration]
      let end = try testHome.sshproxy(words + (alias.map { [$0] } ?? []), within: 60)
      let outcome = Outcome(end: end, answer: try JSONAnswer(end.output))
      #expect(outcome.answer.names == ["ok", "checks"])
      #expect(
        outcome.checks.allSatisfy {
          $0.names == ["name", "state", "detail", "hint", "milliseconds"]
        })
      for step in outcome.checks {
        #expect(step["hint"].isNull == (step["state"].text == "green"), "\(step)")
        #expect(step["milliseconds"].number != nil)
      }
      #expect(outcome.answer["ok"].flag == (end.status == 0))
      #expect((end.status == 0) == outcome.red.isEmpty)
      #expect(testHome.hidesKeys(end))
      return outcome
    }

    private func setUp() throws -> CommandHome {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.setUp()
      return testHome
    }

    @Test(arguments: [["check"], ["check", "sb1.prime"], ["list"]])
    func `a key's command is run once`(_ words: [String]) throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.useKeyCommand()
      let end = try testHome.sshproxy(words, within: 60)
      #expect(
        (end.output + end.errors).contains(words == ["list"] ? "sb1.prime" : "takes the key"),
        "\(end)")
      #expect(testHome.keyCommandRuns == 1, "\(end)")
    }

    @Test(arguments: [
      ("sb1.prime", ["create the session", "authorize the key"]), ("vm1.prime", []),
      ("dm-abc.dedalus", ["wait for the session"]),
      ("node1.tensorpool", ["ask for the ssh command"]),
    ])
    func `all is well as far as the login`(_ alias: String, _ steps: [String]) throws {
      let outcome = try check(try setUp(), alias)
      #expect(outcome.end.status == 0, "\(outcome.end)")
      let names = outcome.checks.compactMap { $0["name"].text }
      let wanted = ["name", "tcp", "first byte", "host trust", "login"]
      #expect(Set(names).isSuperset(of: wanted + steps), "\(names)")
      #expect(outcome.detail("first byte").hasPrefix("SSH-2.0-OpenSSH"))
      #expect(outcome.detail("login") == "by ssh")
    }

    @Test(.enabled(if: BuiltProgram.seesCallers))
    func `through a host that the provider names`() throws {
      let testHome = try setUp()
      try testHome.simulator.scenario(
        #"""
        {"tensorpool": {"command": "ssh -J {login}@{host}:{port} -p {port} {login}@localhost"}}
        """#)
      let outcome = try check(testHome, "node1.tensorpool")
      #expect(outcome.end.status == 0 && outcome.state("login") == "green", "\(outcome.end)")
      #expect(outcome.detail("ssh -G").contains("through ubuntu@127.0.0.1:"))
    }

    @Test func `without an alias every provider that there is a key for`() throws {
      let testHome = try setUp()
      testHome.environment.removeValue(forKey: "DEDALUS_API_KEY")
      let outcome = try check(testHome)
      #expect(outcome.end.status == 0, "\(outcome.end)")
      #expect(outcome.detail("key prime") == "from PRIME_API_KEY")
      #expect(outcome.detail("api prime").contains("simulator@example.org"))
      #expect(outcome.state("clock prime") == "green")
      #expect(outcome.check("key dedalus") == nil && outcome.state("api tensorpool") == "green")
      #expect(try testHome.simulator.requests().allSatisfy { $0.method == "GET" })
    }

    @Test func theConfinementIsTold() throws {
      let outcome = try check(try setUp())
      let words = outcome.detail("confinement")
      #expect(outcome.state("confinement") == "green", "\(outcome.end)")
      #expect(words.contains("relay and exec: ") && words.contains("talks with providers: "))
      #if os(Linux) && !PORTABLE
        let version = csystem_landlock_version()
        #expect(words.contains("no Landlock") == (version < 4), "\(words)")
        #expect(words.contains("files, network") == (version >= 4), "\(words)")
        #expect(words.contains("files, TCP ports") == (version >= 4), "\(words)")
      #endif
    }

    @Test func `an ssh that is ended by a signal has logged in nowhere`() throws {
      let testHome = try setUp()
      let folder = try testHome.home.write(
        "#!/bin/sh\ncase \" $* \" in *\" true \"*) kill -KILL $$ ;; esac\nexec /usr/bin/ssh \"$@\"\n",
        to: "killed/ssh", mode: 0o700
      ).dropLast("/ssh".count)
      testHome.environment["PATH"] =
        "\(folder):\(testHome.environment["PATH"] ?? "/usr/bin:/bin")"
      let outcome = try check(testHome, "sb1.prime")
      #expect(outcome.end.status == 69 && outcome.red == ["connection"], "\(outcome.end)")
      #expect(outcome.detail("connection") == "ssh was ended by signal 9")
    }

    @Test func `ssh that does not call us`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let outcome = try check(testHome, "sb1.prime")
      #expect(outcome.end.status == 78 && outcome.red == ["setup", "ssh -G"], "\(outcome.end)")
      #expect(outcome.detail("login").contains("sshproxy ssh"))
    }

    @Test func `an earlier block that sets another user`() throws {
      let testHome = try setUp()
      let old = try #require(testHome.home.read("ssh_config"))
      try testHome.home.write("Host sb*\n  User root\n\(old)", to: "ssh_config")
      let outcome = try check(testHome, "sb1.prime")
      #expect(outcome.state("setup") == "yellow" && outcome.state("ssh -G") == "red")
      #expect(outcome.detail("ssh -G").contains("User is root"), "\(outcome.end)")
    }

    @Test func `a block that is behind the configuration`() throws {
      let testHome = try setUp()
      try testHome.configure("[hosts.lab]\nprovider = \"static\"\nhost = \"127.0.0.1\"\n")
      #expect(try check(testHome).state("setup") == "yellow")
    }

    @Test func `a key that is refused, and one that is missing`() throws {
      let testHome = try setUp()
      testHome.environment["PRIME_API_KEY"] = "pit_wrong"
      let refused = try check(testHome, "sb1.prime")
      #expect(refused.end.status == 77, "\(refused.end)")
      #expect(refused.state("key prime") == "green" && refused.state("api prime") == "red")
      testHome.environment.removeValue(forKey: "PRIME_API_KEY")
      let missing = try check(testHome, "sb1.prime")
      #expect(missing.end.status == 77 && missing.state("key prime") == "red", "\(missing.end)")
    }

    @Test func `a clock that is wrong`() throws {
      let testHome = try setUp()
      try testHome.simulator.scenario(
        #"""
        {"faults": [{"method": "GET", "path": "whoami", "times": -1,
          "headers": {"Date": "Thu, 01 Jan 2015 00:00:00 GMT"}, "status": 200,
          "body": "{\"data\": {\"email\": \"a\\u001b[2Jb\"}}"}]}
        """#)
      let outcome = try check(testHome)
      #expect(outcome.end.status == 0 && outcome.state("clock prime") == "yellow", "\(outcome.end)")
      #expect(outcome.detail("clock prime").contains("ahead of the provider's"))
      #expect(outcome.detail("api prime").hasSuffix("takes the key of a?[2Jb; personal scope"))
    }

    @Test func `a configuration that cannot be read`() throws {
      let testHome = try setUp()
      try testHome.configure("[prime]\nttll = 3\n")
      let outcome = try check(testHome, "sb1.prime")
      #expect(outcome.end.status == 78 && outcome.red == ["configuration"], "\(outcome.end)")
      #expect(outcome.detail("configuration").contains("line 2"))
    }

    @Test func `a file that others can read`() throws {
      let testHome = try setUp()
      try testHome.home.write(
        "[prime]\napi_key = \"k\"\n", to: ".config/sshproxy/credentials.toml", mode: 0o644)
      let outcome = try check(testHome)
      #expect(outcome.red.first == "files" && outcome.end.status == 74, "\(outcome.end)")
    }

    @Test(arguments: [".local", ".config", "."])
    func `a directory that others can change`(_ name: String) throws {
      let testHome = try setUp()
      try testHome.configure("")
      #expect(try testHome.run("prepare", "sb1.prime").status == 0)
      chmod(testHome.home.path(of: name), 0o777)
      defer { chmod(testHome.home.path(of: name), 0o700) }
      let end = try testHome.sshproxy(
        ["check", "--json", "--ssh-config", testHome.sshConfiguration], within: 60)
      let files = try JSONAnswer(end.output)["checks"].list.first { $0["name"].text == "files" }
      #expect(files?["state"].text == "red" && end.status != 0, "\(end)")
      #expect(
        files?["detail"].text?.contains("others can change \(testHome.home.path)") == true)
      #expect(files?["hint"].text?.contains("chmod go-w") == true)
    }

    @Test(arguments: ["refused", "silent"])
    func `an endpoint that does not answer`(_ way: String) throws {
      let testHome = try setUp()
      try testHome.configure("[connection]\ndeadline = 5\n")
      try testHome.simulator.scenario(
        "{\"tensorpool\": {\"endpoint\": \"\(way)\"}}")
      let outcome = try check(testHome, "node1.tensorpool")
      let step = way == "refused" ? "tcp" : "first byte"
      #expect(outcome.end.status == 69 && outcome.red == [step], "\(outcome.end)")
    }

    @Test func `a host that nobody vouches for`() throws {
      let testHome = try setUp()
      let strict = try #require(testHome.home.read("ssh_config"))
        .replacing("StrictHostKeyChecking accept-new", with: "StrictHostKeyChecking yes")
      try testHome.home.write(strict, to: "ssh_config")
      let outcome = try check(testHome, "node1.tensorpool")
      #expect(outcome.end.status == 69 && outcome.red == ["host trust"], "\(outcome.end)")
      try testHome.simulator.scenario(#"{"dedalus": {"host_certificate": "other_authority"}}"#)
      #expect(try check(testHome, "dm-abc.dedalus").red == ["host trust"])
    }

    /// ssh prints what a server sends before its version; nothing has been proved by then.
    @Test func aServerThatSpeaksAsSSHDoes() throws {
      let testHome = try setUp()
      let server = try ScriptedServer { connection, _ in
        connection.write("SSH2_MSG_NEWKEYS received\r\nSSH-2.0-x\r\n")
        // The end comes when ssh has spoken, and no reset for what was not read.
        _ = connection.read()
        connection.finish()
        _ = connection.readAll()
      }
      defer { server.stop() }
      let outcome = try check(testHome, at: server)
      #expect(outcome.end.status == 69 && outcome.red == ["connection"], "\(outcome.end)")
      #expect(outcome.check("host trust") == nil)
    }

    /// What ssh quotes last of a server that has proved nothing is the server's.
    @Test(arguments: [
      "Permission denied (publickey).", "root@127.0.0.1: Permission denied (x).",
      "line\nroot@127.0.0.1: Permission denied (publickey).",
    ])
    func aServerThatOffersWhatSSHSaysOfARefusal(_ offer: String) throws {
      let testHome = try setUp()
      let lists = [offer, "ssh-ed25519"] + Array(repeating: "none", count: 6) + ["", ""]
      var message = [20] + [UInt8](repeating: 7, count: 16)
      for list in lists { message += Self.text(Array(list.utf8)) }
      message += [UInt8](repeating: 0, count: 5)
      let greeting = Array("SSH-2.0-x\r\n".utf8) + Self.packet(message)
      let server = try ScriptedServer { connection, _ in
        connection.write(greeting)
        _ = connection.readAll()
      }
      defer { server.stop() }
      let outcome = try check(testHome, at: server)
      #expect(outcome.end.status == 69 && outcome.red == ["connection"], "\(outcome.end)")
      #expect(outcome.check("host trust") == nil)
      let words = String(offer.split(separator: "\n")[0])
      #expect(outcome.detail("connection").contains("Their offer: \(words)"), "\(outcome.end)")
    }

    /// Before any key is exchanged, a server can have ssh print as much as it likes, line ends and all: what
    /// ssh itself says last may stand behind all that is read.
    @Test func aServerThatHasSSHPrintWithoutEnd() throws {
      let testHome = try setUp()
      let word = "root@127.0.0.1: Permission denied (\(String(repeating: "x", count: 400))).\n"
      let debug: [UInt8] = [4, 1] + Self.text(Array(("\n" + word + word).utf8)) + [0, 0, 0, 0]
      // 1.2 MiB as ssh shows it: so little more than is read that it can say the rest and end.
      let flood = Array(repeating: Self.packet(debug), count: 1200).flatMap(\.self)
      let server = try ScriptedServer { connection, _ in
        connection.write("SSH-2.0-x\r\n")
        _ = connection.read()
        connection.write(flood)
        connection.finish()
        _ = connection.readAll()
      }
      defer { server.stop() }
      let outcome = try check(testHome, at: server)
      #expect(outcome.end.status == 69 && outcome.red == ["login"], "\(outcome.end)")
      #expect(outcome.check("host trust") == nil)
      #expect(
        outcome.detail("login").hasSuffix("it prints more than 1048576 bytes"), "\(outcome.end)")
    }

    /// What a person is to copy into a shell has no word of the server's, which can say what ssh says of a changed key.
    @Test func aServerThatSpeaksOfAnOffendingKey() throws {
      let testHome = try setUp()
      testHome.environment["LC_ALL"] = "C.UTF-8"
      let server = try HostileServer()
      try testHome.simulator.scenario(
        #"{"tensorpool": {"command": "ssh -p \#(server.port) offending@127.0.0.1"}}"#)
      let end = try check(testHome, "node1.tensorpool").end
      #expect(end.output.contains("set up anew") && !end.output.contains("echo"), "\(end)")
    }

    /// What ssh and `exec` take is no fault: lines of the server's own may stand before its version.
    @Test func aServerThatSaysMuchBeforeItsVersion() throws {
      let testHome = try setUp()
      let server = try ScriptedServer { connection, _ in
        for _ in 0..<400 { connection.write(String(repeating: "x", count: 50) + "\r\n") }
        connection.write("SSH-2.0-x\r\n")
        _ = connection.readAll()
      }
      defer { server.stop() }
      let outcome = try check(testHome, at: server)
      #expect(outcome.detail("first byte") == "SSH-2.0-x", "\(outcome.end)")
    }

    private func check(_ testHome: CommandHome, at server: ScriptedServer) throws -> Outcome {
      try testHome.simulator.scenario(
        #"{"tensorpool": {"command": "ssh -p \#(server.port) root@127.0.0.1"}}"#)
      return try check(testHome, "node1.tensorpool")
    }

    /// A string on the wire (RFC 4251, section 5).
    private static func text(_ bytes: [UInt8]) -> [UInt8] {
      [0, 0, UInt8(bytes.count >> 8), UInt8(bytes.count & 255)] + bytes
    }

    /// A packet without encryption (RFC 4253, section 6).
    private static func packet(_ message: [UInt8]) -> [UInt8] {
      let padding = 16 - (message.count + 5) % 8
      return text([UInt8(padding)] + message + [UInt8](repeating: 0, count: padding))
    }

    /// Without setup's lines ssh is run by us, and what ends there is no login.
    @Test func aFailureOfOurOwnIsNoLogin() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let server = try LoopbackListener()
      try testHome.configureLab(port: Int(server.port))
      let program = try testHome.start(
        BuiltProgram.sshproxy,
        ["check", "--ssh-config", testHome.sshConfiguration, "--json", "lab"])
      let visitor = try server.accept()
      // By now all is read that the check itself goes by.
      try testHome.configureLab(port: Int(server.port), "nonsense")
      try visitor.send("SSH-2.0-x\r\n")
      let end = program.end()
      #expect(end.output.contains("first byte") && !end.output.contains("host trust"), "\(end)")
      #expect(end.output.contains("\"connection\""), "\(end)")
    }

    @Test func `a login that is refused`() throws {
      let testHome = try setUp()
      let keyless = try #require(testHome.home.read("ssh_config"))
        .replacing(testHome.simulator.userKey, with: testHome.home.path(of: "no_key"))
      try testHome.home.write(keyless, to: "ssh_config")
      let outcome = try check(testHome, "node1.tensorpool")
      #expect(outcome.end.status == 77 && outcome.red == ["login"], "\(outcome.end)")
      #expect(outcome.detail("login").contains("Permission denied"))
    }

    @Test func `lines fit the terminal, and no word is broken`() throws {
      let testHome = try setUp()
      let words = ["check", "--ssh-config", testHome.sshConfiguration]
      testHome.environment["NO_COLOR"] = "1"
      let plain = try testHome.sshproxy(words).output
      let shown = try testHome.onTerminal(words[0], words[1], words[2])
      #expect(plain.split(separator: "\n").contains { $0.count > 80 }, "nothing had to be wrapped")
      for line in shown.split(separator: "\n") where line.count > 80 {
        // A path may be longer than the line.
        #expect(line.split(separator: " ").contains { $0.count > 40 }, "\(line)")
      }
      let unbroken = plain.split(whereSeparator: \.isWhitespace).filter { $0.count > 20 }
      for word in unbroken where !word.contains("ms)") { #expect(shown.contains(word), "\(word)") }
    }

    @Test func `colour is for terminals, and not where it is unwanted`() throws {
      let testHome = try setUp()
      let words = ["check", "--ssh-config", testHome.sshConfiguration]
      #expect(
        try testHome.onTerminal(words[0], words[1], words[2]).contains("\u{1b}[32mok\u{1b}[0m"))
      testHome.environment["NO_COLOR"] = "1"
      #expect(!(try testHome.onTerminal(words[0], words[1], words[2]).contains("\u{1b}[3")))
      #expect(!(try testHome.sshproxy(words).output.contains("\u{1b}")))
    }
  }
}
