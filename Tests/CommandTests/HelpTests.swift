import Foundation
import Grammar
import TestSupport
import Testing

extension CommandTests {
  @Suite struct HelpTests {
    private func commands(_ testHome: CommandHome) throws -> [JSONAnswer] {
      let dump = try JSONAnswer(try testHome.run("--experimental-dump-help").output)
      return dump["command"]["subcommands"].list.filter { $0["commandName"].text != "help" }
    }

    @Test func `every command's help has an example, and its options a word each`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let commands = try commands(testHome)
      #expect(commands.count >= 10)
      for command in commands {
        let name = try #require(command["commandName"].text)
        let end = try testHome.run(name, "--help")
        #expect(end.status == 0 && end.errors.isEmpty, "\(end)")
        let flat = end.output.replacing("\n", with: " ")
        let example = try #require(flat.range(of: "Example: "), "\(name)").upperBound
        #expect(flat[example...].contains("sshproxy \(name)"), "\(name)")
        for argument in command["arguments"].list where argument["shouldDisplay"].flag == true {
          #expect(argument["abstract"].text?.hasSuffix(".") == true, "\(name): \(argument)")
        }
      }
    }

    @Test func `no command can be an alias`() throws {
      let names = try commands(try CommandHome(CommandTests.simulator)).compactMap {
        $0["commandName"].text
      }
      #expect(CommandName.all == Set(names + ["help"]))
    }

    @Test(arguments: [
      (["chek"], 68, "did you mean `sshproxy check`?"),
      (["chek", "sb1.prime"], 64, "did you mean `sshproxy check`?"),
      (["sshh", "sb1.prime"], 64, "did you mean `sshproxy ssh`?"),
      (["ssh", "sb1"], 68, "did you mean sb1.prime, sb1.dedalus, sb1.tensorpool"),
      (["ssh", "sb1.prme"], 68, "did you mean sb1.prime?"),
      (["wholly-other", "words"], 64, "hint: `sshproxy help` shows the commands"),
    ])
    func `what was mistyped is answered with what was meant`(
      _ words: [String], _ status: Int32, _ hint: String
    ) throws {
      let end = try CommandHome(CommandTests.simulator).sshproxy(words, within: 20)
      #expect(end.status == status && end.errors.contains(hint), "\(end)")
      #expect(end.output.isEmpty)
    }

    /// A script or another program may have been given any word for a host; a cloned repository has files of the
    /// user's own.
    @Test func whereTheConfigurationIsIsSaidFirst() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let mark = testHome.home.path(of: "ran")
      let text = """
        [prime]
        api_key_command = "touch '\(mark)'; echo key-0123456789"
        [hosts.22]
        provider = "command"
        command = ["/bin/sh", "-c", "touch '\(mark)'"]

        """
      let file = try testHome.home.write(text, to: "cloned/config.toml", mode: 0o600)
      let folder = file.dropLast("/config.toml".count)
      testHome.environment["PRIME_API_KEY"] = nil
      for option in ["--config=\(folder)", "--home=\(folder)", "--state=\(folder)"] {
        for words in [
          ["connect", option, "22"], ["connect", "22", option], [option, "22"],
          ["-v", option, "22"],
          [option, "22", "22"], ["prepare", option, "22"], ["exec", option, "22", "--", "true"],
          ["resolve", "--create", option, "22"], ["open", "code", option, "22"],
          ["close", option, "22"], ["check", option], ["check", option, "22"], ["list", option],
          ["list", "prime", option], ["ssh", option, "22"], ["sessions", option],
        ] {
          let end = try testHome.sshproxy(words, within: 20)
          #expect(end.status == 64 && end.output.isEmpty, "\(words): \(end)")
        }
      }
      #expect(testHome.home.read("ran") == nil)
      // Where it stands before a command it counts.
      let end = try testHome.run("--config=\(folder)", "connect", "22")
      #expect(end.status == 65 && testHome.home.read("ran") != nil, "\(end)")
    }

    /// Without an option before it, a number is an alias, with a port or without.
    @Test func aNumberMayBeAnAlias() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      for words in [["42", "22"], ["42"]] {
        let end = try testHome.start(BuiltProgram.session, words).end()
        #expect(end.status == 68 && end.errors.contains("no machine is known"), "\(end)")
      }
    }

    @Test func `every JSON field is in the command reference`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let source = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../../docs/commands.md")
      let reference = try String(contentsOf: source, encoding: .utf8)
      _ = try testHome.run("prepare", "sb1.prime")
      testHome.environment["DEDALUS_API_KEY"] = "wrong"
      for words in [["resolve", "sb1.prime"], ["list"], ["sessions"], ["check"]] {
        let start = try #require(reference.range(of: "\n## \(words[0])\n")).upperBound
        let section = String(reference[start...].prefix { $0 != "#" })
        let end = try testHome.sshproxy(words + ["--json"], within: 60)
        for name in Self.names(try JSONAnswer(end.output))
        where words[0] != "resolve" || !reference.contains("| `\(name)` |") {
          #expect(section.contains("`\(name)`"), "\(name)")
        }
      }
    }

    private static func names(_ answer: JSONAnswer) -> Set<String> {
      let below = answer.fields.keys.map { names(answer[$0]) } + answer.list.map { names($0) }
      return below.reduce(answer.names) { $0.union($1) }
    }

    @Test func `-v tells each call with its time, and no key`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.run("-v", "prepare", "sb1.prime")
      #expect(end.status == 0 && testHome.hidesKeys(end), "\(end)")
      let pattern = /sshproxy: [0-9]+ ms: authorize the key: [0-9]+ ms/
      #expect(end.errors.contains(pattern), "\(end)")
      #expect(try testHome.run("prepare", "sb1.prime").errors.isEmpty)
    }

    /// Without `setup`, to a machine with a key of one's own.
    @Test func `the example of connect logs in`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let text = try testHome.run("connect", "--help").output
      let example = try #require(
        text.split(separator: "Example: ").last?.split(separator: "\n").first)
      try testHome.simulator.scenario(#"{"logins": ["ubuntu"]}"#)
      let port = testHome.simulator.ports["plain"] ?? 0
      try testHome.configure(
        "[hosts.train]\nprovider = \"static\"\nhost = \"127.0.0.1\"\nport = \(port)\n")
      let folder = BuiltProgram.sshproxy.dropLast("/sshproxy".count)
      testHome.environment["PATH"]? = "\(folder):/usr/bin:/bin"
      let end = try testHome.shell("\(example) echo in")
      #expect(end.status == 0 && end.output == "in\n", "\(end)")
    }

    /// A terminal would break them inside of words. What programs read is one line.
    @Test(arguments: [["connect", "a..b"], ["prepare", "nobody"], ["ssh", "sb1.prmie"]])
    func `messages are broken at words, on a terminal alone`(_ words: [String]) throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let piped = try testHome.run(words[0], words[1]).errorLines("sshproxy: ")
      #expect(piped.count == 2 && piped.allSatisfy { $0.count > 50 }, "\(piped)")
      let lines = try testHome.onTerminal(columns: 50, words[0], words[1]).split(separator: "\n")
      #expect(
        lines.count > 2 && lines.allSatisfy { $0.count <= 50 || !$0.trimmed.contains(" ") },
        "\(lines)")
      let joined = lines.reduce(into: [String]()) { result, line in
        if line.hasPrefix("sshproxy: ") {
          result.append(String(line))
        } else if let last = result.popLast() {
          result.append(last + " " + line.trimmed)
        }
      }
      #expect(joined == piped)
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring { drop { $0 == " " } }
}
