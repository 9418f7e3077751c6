import SystemIO
import TestSupport
import Testing

@testable import Configuration

/// Files that nobody would write: read or refused, never worse.
@Suite struct RandomConfigurationTests {
  static let pieces = [
    "[", "]", "{", "}", "\"", "'", "\"\"\"", "'''", "=", ".", ",", "#", "\\", "\n", "\r\n", " ",
    "prime", "hosts", "api_key", "suffix", "lab", "provider", "\"static\"", "host", "connection",
    "deadline", "1", "true", "1979-05-27", "ü", "[prime]\n", "[hosts.lab]\n", "suffix = \"x\"\n",
    "provider = \"static\"\n", "[[", "]]", "\\u0000", "inf", "_", "-",
  ]

  @Test func readsOrRefusesAnything() throws {
    var random = SeededGenerator(0x5eed)
    var read = 0
    for _ in 0..<20_000 {
      let text = (0..<Int.random(in: 0...14, using: &random))
        .map { _ in Self.pieces.randomElement(using: &random) ?? "" }.joined()
      _ = KeyLines(of: text)
      do throws(Failure) {
        let top = TOMLSection(top: try TOMLDocument(text, path: "/x/config.toml"))
        try top.allowOnly(["prime", "hosts", "connection"])
        read += 1
      } catch {
        #expect(error.kind == .configuration, "\(text)")
        #expect(error.message.hasPrefix("config.toml"), "\(text): \(error.message)")
      }
    }
    #expect(read > 100)
  }

  @Test func findsTheLineOfEveryKey() throws {
    let text = """
      # comment = 1
      a.b = [ # ]
        "]", '''x
      [no]
      ''', { c = "}" }, # =
      ]
      d = \"""\\"\"" [no]
      no = 1\"""\"
      [ e . "f g" ] # x = 1
      h = { i = { j = 1 }, k.l = [{ m = 2 }] }
      "n # o" = 'p'

      [[q]]
      r = 1
      """
    let lines = KeyLines(of: text).lines
    let expected: [[String]: Int] = [
      ["a"]: 2, ["a", "b"]: 2, ["a", "b", "c"]: 5, ["d"]: 7, ["e"]: 9, ["e", "f g"]: 9,
      ["e", "f g", "h"]: 10, ["e", "f g", "h", "i"]: 10, ["e", "f g", "h", "i", "j"]: 10,
      ["e", "f g", "h", "k"]: 10, ["e", "f g", "h", "k", "l"]: 10,
      ["e", "f g", "h", "k", "l", "m"]: 10, ["e", "f g", "n # o"]: 11, ["q"]: 13, ["q", "r"]: 14,
    ]
    #expect(lines == expected)
  }

  @Test func survivesDeepNesting() {
    for text in [
      "a = " + String(repeating: "[", count: 100_000), String(repeating: "[", count: 9999),
    ] {
      _ = KeyLines(of: text)
      #expect(
        failure { try TOMLDocument(text, path: "/x").line(of: []) as Any }?.kind == .configuration)
    }
  }

  /// What the fuzz target `configuration` found: texts for which the parser below TOMLKit ends the
  /// program by an assertion, where they should be refused like any other nonsense.
  static let found = [
    "a = 1979-05-27Tx07:32:00Z",
    "a = [1, 3958-05-27Tpri07:32:00Z]",
    "a = 1979-05-27 x7:32:00",
  ]

  /// The parser skips a byte order mark, which hid the header behind it.
  @Test func refusesThemBehindAByteOrderMark() async {
    await #expect(processExitsWith: .success) {
      for text in ["[\u{1}", "[ =", "a = [ }", "[[\u{1}]]"] {
        do throws(Failure) {
          _ = try TOMLDocument("\u{feff}" + text + "\n", path: "/x/config.toml")
          Issue.record("\(text) was read")
        } catch {
          #expect(error.kind == .configuration)
        }
      }
    }
  }

  @Test func refusesWhatEndsTheParser() async {
    // Where it goes wrong it takes the whole process with it.
    await #expect(processExitsWith: .success) {
      for text in RandomConfigurationTests.found {
        do throws(Failure) {
          _ = try TOMLDocument("# first\n" + text + "\n", path: "/x/config.toml")
          Issue.record("\(text) was read")
        } catch {
          #expect(error.kind == .configuration)
          #expect(error.message.hasPrefix("config.toml line 2"), "\(error.message)")
        }
      }
    }
  }
}
