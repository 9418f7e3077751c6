import TestSupport
import Testing

extension CommandTests {
  @Suite struct ProgressTests {
    private static let slow =
      #"{"faults": [{"method": "GET", "path": "/sandbox", "delay_ms": 3000}]}"#

    @Test func `a long wait shows one line on a terminal, gone at its end`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.simulator.scenario(Self.slow)
      let text = try testHome.onTerminal("list", "prime")
      // On a busy computer a second may pass unseen.
      let shown = text.matches(of: /\r\x1b\[Klisting machines … ([0-9]) s/).map(\.output.1)
      #expect(shown.count >= 2 && shown == shown.sorted(), "\(text)")
      let rest = text.split(separator: "\u{1b}[K").last ?? ""
      #expect(rest.hasPrefix("ALIAS "), "\(text)")
    }

    @Test func `a machine that wakes is named`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      try testHome.simulator.scenario(#"{"dedalus": {"wake_polls": 4, "retry_after_ms": 300}}"#)
      let text = try testHome.onTerminal("prepare", "dm-abc.dedalus")
      #expect(text.contains("waking dm-abc … ") && text.hasSuffix("\r\u{1b}[K"), "\(text)")
    }

    @Test func `off a terminal there is none, and none for a short wait`() throws {
      let testHome = try CommandHome(CommandTests.simulator)
      // Which wait is short, is the computer's to say.
      #expect(try eventually { try !testHome.onTerminal("list", "prime").contains("\u{1b}") })
      try testHome.simulator.scenario(Self.slow)
      let end = try testHome.run("list", "prime")
      #expect(end.status == 0 && end.errors.isEmpty && !end.output.contains("\u{1b}"), "\(end)")
    }
  }
}
