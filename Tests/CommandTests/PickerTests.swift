import Foundation
import SystemIO
import TestSupport
import Testing

extension CommandTests {
  @Suite struct PickerTests {
    /// `sshproxy ssh` on a terminal of its own (script(1)), at which a person types.
    private final class Sitting {
      let testHome: CommandHome
      private let terminal: Terminal
      private let program: RunningProgram

      init(_ testHome: CommandHome) throws {
        try testHome.ownHome()
        self.testHome = testHome
        terminal = try Terminal()
        testHome.environment["TERM"] = "dumb"
        program = try testHome.start(
          "/usr/bin/script", ["-qec", "'\(BuiltProgram.sshproxy)' ssh", "/dev/null"],
          input: .descriptor(terminal.slave.number))
      }

      func type(_ text: String) throws { try terminal.type(text) }

      func sees(_ text: String) -> Bool {
        eventually { program.output.contains(text) }
      }

      var screen: String { program.output }
      func end() -> ProgramEnd { program.end() }
    }

    private static let prompt = "number or letters of a name: "

    @Test(arguments: ["2\n", "sb2-n\n", "b2\n"])
    func `a number or letters of a name log in`(_ answer: String) throws {
      let sitting = try Sitting(try CommandHome(CommandTests.simulator))
      #expect(sitting.sees(Self.prompt), "\(sitting.screen)")
      #expect(sitting.screen.contains("sb1.prime") && sitting.screen.contains("dm-abc.dedalus"))
      try sitting.type(answer)
      try sitting.type("echo i''n as'' $USER\n")
      #expect(sitting.sees("in as ssh-"), "\(sitting.screen)")
      try sitting.type("exit\n")
      #expect(sitting.end().status == 0)
      #expect(try sitting.testHome.count("POST", "sb2") > 0)
    }

    @Test func `a key's command is run once, for the list and the login`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.useKeyCommand()
      let sitting = try Sitting(testHome)
      #expect(sitting.sees(Self.prompt), "\(sitting.screen)")
      try sitting.type("sb2-n\n")
      try sitting.type("exit\n")
      #expect(sitting.end().status == 0, "\(sitting.screen)")
      #expect(testHome.keyCommandRuns == 1, "\(sitting.screen)")
    }

    @Test func `several of some letters are offered again, none is said`() throws {
      let sitting = try Sitting(try CommandHome(CommandTests.simulator))
      #expect(sitting.sees(Self.prompt))
      try sitting.type("zzz\n")
      #expect(sitting.sees("no machine is like \"zzz\""), "\(sitting.screen)")
      try sitting.type("\(Int.min)\n")
      #expect(sitting.sees("no machine is like \"\(Int.min)\""), "\(sitting.screen)")
      let before = sitting.screen.count
      try sitting.type("dm-\n")
      #expect(
        eventually { sitting.screen.dropFirst(before).contains(Self.prompt) })
      let again = sitting.screen.dropFirst(before)
      #expect(again.contains("dm-def.dedalus") && !again.contains("sb1.prime"), "\(again)")
      try sitting.type("\n")
      #expect(sitting.end().status == 0)
    }

    @Test func `a list that is too long says where it stops`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let names = (1...101).map { "\"sb\($0)\"" }.joined(separator: ", ")
      try testHome.simulator.scenario("{\"prime\": {\"per_page\": 1, \"sandboxes\": [\(names)]}}")
      let sitting = try Sitting(testHome)
      #expect(sitting.sees(Self.prompt), "\(sitting.screen)")
      let screen = sitting.screen.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(screen.contains("note: prime: the list stops after 100 machines; there are more"))
      try sitting.type("\n")
      #expect(sitting.end().status == 0)
    }

    @Test(arguments: [("\n", Int32(0)), ("\u{4}", 0), ("\u{3}", 130)])
    func `nothing, the end and ^C end it without a word`(_ keys: String, _ status: Int32) throws {
      let sitting = try Sitting(try CommandHome(CommandTests.simulator))
      #expect(sitting.sees(Self.prompt))
      try sitting.type(keys)
      let end = sitting.end()
      #expect(end.status == status, "\(end)")
      let rest = end.output.split(separator: Self.prompt).dropFirst().joined()
      #expect(!rest.contains("sshproxy") && !rest.contains("error"), "\(end)")
      #expect(try sitting.testHome.count("POST", "") == 0)
    }

    @Test func `off a terminal it is an error that says so`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      let end = try testHome.run("ssh")
      #expect(end.status == 64 && end.errors.contains("no terminal to pick one on"), "\(end)")
      #expect(end.errors.contains("`sshproxy list`"))
      #expect(try testHome.simulator.requests().isEmpty)
    }
  }
}
