import SystemIO
import TestSupport
import Testing

@testable import Configuration

/// What `JSONValue` reads, what it refuses, and what that costs.
@Suite struct JSONValueTests {
  @Test(
    arguments: [
      ("null", .null), (" true ", .boolean(true)), ("false", .boolean(false)), ("0", .integer(0)),
      ("-0", .integer(0)), ("9223372036854775807", .integer(.max)), ("1.5e1", .number(15)),
      ("9223372036854775808", .number(9_223_372_036_854_775_808)), ("1e400", .number(.infinity)),
      ("[]", .array([])), ("{}", .object([:])),
      ("[1, [2]]", .array([.integer(1), .array([.integer(2)])])),
      (
        #""a\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude80""#,
        .string("a\"\\/\u{8}\u{c}\n\r\tA\u{e9}\u{1f680}")
      ),
      (#"{"a":1,"a":2}"#, .object(["a": .integer(1)])), (#""größe""#, .string("größe")),
    ] as [(String, JSONValue)])
  func reads(_ text: String, _ expected: JSONValue) throws {
    #expect(try JSONValue(Array(text.utf8)) == expected)
  }

  @Test(arguments: [
    "", " ", "nul", "nullx", "truE", "01", "-", "+1", "1.", ".5", "1e", "1e+", "0x10", "NaN",
    "Infinity",
    "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "}", "{\"a\"", "{\"a\":", "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "\"", "\"a", "\"\\", "\"\\x\"", "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\ud800\"", "\"\\udc00\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"",
    "\"a\nb\"",
    "1 2", "[] []", "'a'", "// x\n1", "\u{feff}\u{feff}1",
  ])
  func refuses(_ text: String) {
    #expect(throws: JSONValue.Problem.notJSON) { try JSONValue(Array(text.utf8)) }
  }

  @Test(arguments: [
    [0x22, 0xff, 0x22], [0x22, 0xc0, 0xaf, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0xff, 0xfe],
  ])
  func refusesWhatIsNotUTF8(_ bytes: [UInt8]) {
    #expect(throws: JSONValue.Problem.notJSON) { try JSONValue(bytes) }
  }

  @Test func bounds() throws {
    func nested(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    func wide(_ count: Int) -> [UInt8] {
      Array("[\(Array(repeating: "1", count: count - 1).joined(separator: ","))]".utf8)
    }
    func named(_ length: Int) throws -> JSONValue {
      try JSONValue(Array("{\"\(String(repeating: "n", count: length))\":1}".utf8))
    }
    _ = try JSONValue(nested(JSONValue.Limit.depth))
    #expect(throws: JSONValue.Problem.tooDeep) { try JSONValue(nested(JSONValue.Limit.depth + 1)) }
    _ = try JSONValue(wide(JSONValue.Limit.values))
    #expect(throws: JSONValue.Problem.tooMany) { try JSONValue(wide(JSONValue.Limit.values + 1)) }
    #expect(try named(JSONValue.Limit.name) != .object([:]))
    #expect(try named(JSONValue.Limit.name + 1) == .object([:]))
  }

  /// Shapes that cost a decoder much, at 16 KiB and at 1 MiB, the most that is read.
  static let shapes: [(name: String, make: @Sendable (Int) -> String)] = [
    (
      "500 deep, then wide",
      { size in
        String(repeating: "[", count: 500) + String(repeating: "1,", count: size / 2 - 510) + "1"
          + String(repeating: "]", count: 500)
      }
    ),
    (
      "32 deep, then wide",
      { size in
        String(repeating: "[", count: 32) + String(repeating: "1,", count: size / 2 - 40) + "1"
          + String(repeating: "]", count: 32)
      }
    ),
    (
      "wide in an error",
      { size in
        "{\"detail\":[" + String(repeating: "{},", count: size / 3 - 20) + "{}]}"
      }
    ),
    (
      "many names",
      { size in
        "{" + (0..<(size / 12)).map { "\"a\($0)\":0" }.joined(separator: ",") + "}"
      }
    ),
    (
      "one name again and again",
      { size in
        "{" + String(repeating: "\"detail\":[[]],", count: size / 15) + "\"a\":0}"
      }
    ),
    (
      "a long text of escapes",
      { size in
        "{\"detail\":\"" + String(repeating: "\\u0041", count: size / 6 - 10) + "\"}"
      }
    ),
    (
      "a long name of marks",
      { size in
        "{\"" + String(repeating: "\u{301}\u{316}", count: size / 4 - 10) + "\":0}"
      }
    ),
    ("long digits", { size in "[" + String(repeating: "9", count: size - 2) + "]" }),
    ("a long exponent", { size in "[1e" + String(repeating: "9", count: size - 4) + "]" }),
    ("spaces", { size in String(repeating: " ", count: size) }),
    (
      "the key again and again",
      { size in
        "{\"detail\":\"" + String(repeating: "pit_0123456789", count: size / 14 - 2) + "\"}"
      }
    ),
    (
      "half the key again and again",
      { size in
        "{\"detail\":\"" + String(repeating: "pit_012345678", count: size / 13 - 2) + "\"}"
      }
    ),
    ("unclosed objects", { size in String(repeating: "{\"a\":", count: size / 5) }),
  ]

  /// Also where no Double is as large as the bound.
  @Test func aNumberIsPutBetweenItsBounds() throws {
    func int(_ text: String, in range: ClosedRange<Int>) throws -> Int? {
      try JSONValue(Array("[\(text)]".utf8)).list.first?.int(in: range)
    }
    #expect(try int("1e300", in: 0...Int.max) == .max && int("-1e300", in: .min...0) == .min)
    #expect(try int("1e999", in: 0...9) == 9 && int("-1e999", in: 0...9) == 0)
    #expect(try int("3.9", in: 0...9) == 3 && int("-3.9", in: -9...0) == -3)
    #expect(try int("12", in: 0...9) == 9 && int("\"3\"", in: 0...9) == nil)
  }

  @Test(arguments: shapes.indices, [16 << 10, 1 << 20])
  func costsLittle(_ index: Int, _ size: Int) {
    let bytes = Array(Self.shapes[index].make(size).utf8)
    #expect(bytes.count <= size && bytes.count > size / 2)
    let secrets = Secrets()
    secrets.add("pit_0123456789")
    let begin = processorTime()
    _ = try? JSONValue(bytes, without: secrets)
    let spent = processorTime() - begin
    #expect(spent < 0.2 * Sanitizers.slowness, "\(Self.shapes[index].name), \(size): \(spent) s")
  }
}

@Suite struct SecretsInTextTests {
  private func struck(_ text: String, _ secrets: String...) throws -> JSONValue {
    let all = Secrets()
    for secret in secrets { all.add(secret) }
    return try JSONValue(Array(text.utf8), without: all)
  }

  @Test func whateverTheSpelling() throws {
    for text in [
      #""key pit_a/bcdef""#, #""key pit_a\/bcdef""#, #""key \u0070\u0069\u0074_a/bcdef""#,
      #""key \u0070it_a\/bcde\u0066""#, #""key pit_a%2Fbcdef""#,
    ] {
      #expect(try struck(text, "pit_a/bcdef") == .string("key ***"))
    }
    #expect(
      try struck(#"{"a":["pit_abcdef"]}"#, "pit_abcdef") == .object(["a": .array([.string("***")])])
    )
  }

  @Test func allOfThemAndTheLongestFirst() throws {
    #expect(
      try struck(#""secret-1 and secret-12""#, "secret-1", "secret-12") == .string("*** and ***"))
    #expect(try struck(#""secret-12 x""#, "secret-12", "secret-1") == .string("*** x"))
    #expect(try struck(#""xxxxxxxx""#, "xxxxxxxx") == .string("***"))
  }

  @Test(arguments: [
    ("aaaaaaab", "aaaaaaaaaaab", "aaaa***"), ("abababac", "ababababababac", "ababab***"),
    ("aabaabaaa", "aabaabaabaaax", "aab***x"), ("aaaaaaaa", "aaaaaaaaaaaaaaaaa", "******a"),
    ("abcdefgh", "abcdefgabcdefghabcdefg", "abcdefg***abcdefg"),
  ])
  func whateverStandsBeforeIt(_ secret: String, _ text: String, _ expected: String) throws {
    #expect(try struck("\"\(text)\"", secret) == .string(expected))
  }

  @Test func longSecretsCostNoMore() throws {
    let secrets = Secrets()
    secrets.add(String(repeating: "a", count: 8000) + "b")
    let text = "\"" + String(repeating: "a", count: 1 << 20) + "\""
    let begin = processorTime()
    _ = try JSONValue(Array(text.utf8), without: secrets)
    #expect(processorTime() - begin < 0.4 * Sanitizers.slowness)
  }

  @Test func shortTextsAreWords() throws {
    #expect(try struck(#""a secret""#, "secret") == .string("a secret"))
  }

  @Test func collectedOnceAndLate() {
    var count = 0
    let secrets = Secrets {
      count += 1
      return ["pit_abcdef"]
    }
    #expect(count == 0)
    #expect(secrets.struck("a pit_abcdef b") == "a *** b")
    #expect(secrets.struck("a pit_abcdef b") == "a *** b")
    #expect(count == 1)
  }
}
