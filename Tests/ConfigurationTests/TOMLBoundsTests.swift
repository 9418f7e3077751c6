import Configuration
import Foundation
import SystemIO
import TestConfiguration
import TestSupport
import Testing

/// What a file of ours may cost: the parser's time grows with the square of a name's length and of the
/// nesting, so longer and deeper ones are refused before it sees them.
@Suite struct TOMLBoundsTests {
  let home: TemporaryDirectory

  init() throws { home = try TemporaryDirectory() }

  private static let dotted = Array(repeating: "a", count: 20_000).joined(separator: ".")

  @Test(
    .timed,
    arguments: [
      ("\n\(dotted) = 1\n", "line 2", "dots"), ("[\(dotted)]\n", "line 1", "dots"),
      ("# \(dotted)\n[[\(dotted)]]", "line 2", "dots"), ("x = { \(dotted) = 1 }", "line 1", "dots"),
      ("x = '''\n\n'''\n\"a\" . \(dotted) = 1", "line 4", "dots"),
      ("\"a\"\(String(repeating: ".\"a\"", count: 9)) = 1", "line 1", "dots"),
      ("x = \(String(repeating: "[", count: 20_000))", "line 1", "nested"),
      ("x = \(String(repeating: "{a=", count: 9))", "line 1", "nested"),
      ("x = [\n\(String(repeating: "[\n", count: 8))", "line 9", "nested"),
      // The last quotes of a long string are its own, and begin none in which brackets would not count.
      (#"x = ["""a"""", "# + String(repeating: "[", count: 9), "line 1", "nested"),
      ("x = ['''a''''', " + String(repeating: "[", count: 9), "line 1", "nested"),
      (
        "x = \"\"\"\n\\\" \"\" [ a.a.a.a.a.a.a.a.a.a \\\n\"\"\"\ny = \(String(repeating: "[", count: 9))",
        "line 4", "nested"
      ),
    ])
  func refusesWhatIsTooDeep(_ text: String, _ line: String, _ words: String) throws {
    for file in ["config.toml", "credentials.toml"] {
      try home.write("", to: ".config/sshproxy/config.toml")
      try home.write(text, to: ".config/sshproxy/\(file)")
      let start = Moment.now
      let failure = failure { try home.configuration().keySource(of: .prime) }
      try expectTime(Double(Moment.now - start) / 1000, within: 2)
      #expect(failure?.kind == .configuration)
      #expect(failure?.message.hasPrefix("\(file) \(line): ") == true, "\(failure?.message ?? "")")
      #expect(failure?.message.contains(words) == true, "\(failure?.message ?? "")")
    }
  }

  @Test(arguments: [
    ".config/sshproxy/config.toml", ".config/sshproxy/credentials.toml", ".prime/config.json",
  ])
  func refusesWhatIsTooLarge(_ name: String) throws {
    try home.write(String(repeating: "#", count: 256 * 1024 + 1), to: name)
    let failure = failure { try home.configuration().keySource(of: .prime) }
    #expect(failure?.message.hasSuffix("it is larger than 256 KiB") == true)
  }

  @Test(arguments: [
    "a.b.c.d.e.f.g.h.i = 1", "x = [[[[[[[[1]]]]]]]]", "# \(dotted)", "x = \"\(dotted)\"",
    "x = '\(dotted)'", "x = \"\"\"\n[[[[[[[[[[\"\"\"", "x = '''\n{{{{{{{{{{'''",
    "x = \"\\\"[[[[[[[[[[\"",
    "x = [[1], [2], [3], [4], [5], [6], [7], [8], [9], [10]]",
  ])
  func readsWhatIsNot(_ text: String) throws {
    // Past the bounds, it is only a key that nobody knows.
    let failure = failure { try home.configuration("\n\(text)\nx1 = 1\n") }
    #expect(failure?.message.contains("unknown table or key") == true, "\(failure?.message ?? "")")
  }

  /// The worst that the bounds let through.
  @Test(.timed) func costsSecondsAtMost() throws {
    let names = (0..<12_000).map { "a\($0).b.c.d.e.f.g.h = 1\n" }.joined()
    let texts = [
      String(names.prefix(250_000)), String(repeating: "[[a.b.c.d.e.f.g.h]]\n", count: 12_500),
      "x = [\(String(repeating: "[[[[[[[]]]]]]],", count: 16_000))]\n",
      "x = \"\(String(repeating: "\\u00e9", count: 41_000))\"\n",
    ]
    for text in texts {
      let start = Moment.now
      #expect(failure { try home.configuration(text) }?.kind == .configuration)
      let time = Moment.now - start
      try expectTime(Double(time) / 1000, within: 20, "\(text.prefix(30)): \(time) ms")
    }
  }
}
