import SystemIO
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
    var random = Generator(state: 0x5eed)
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

  /// SplitMix64 (Steele, Lea, Flood 2014): the same numbers in each run.
  private struct Generator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9e37_79b9_7f4a_7c15
      var z = state
      z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
      z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
      return z ^ (z >> 31)
    }
  }
}
