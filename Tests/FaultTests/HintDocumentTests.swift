import Foundation
import Testing

/// HINTS.md has a row for each hint in the sources, with the test that follows it to a login.
/// `SSHPROXY_WRITE_HINTS=1` brings the rows in step and leaves the last column of a new one empty.
@Suite struct HintDocumentTests {
  fileprivate struct Hint: Hashable {
    let text: String
    let file: String
  }

  private static let tests = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent()
  private static let document = tests.appending(path: "HINTS.md")

  /// The first words of each hint, as they stand in the sources: what follows `hint:`, and every text in
  /// the properties that give one.
  private static func hints() throws -> [Hint] {
    let sources = tests.deletingLastPathComponent().appending(path: "Sources")
    let names = try FileManager.default.subpathsOfDirectory(atPath: sources.path).sorted()
    var found: [Hint] = []
    for name in names where name.hasSuffix(".swift") && !name.hasPrefix("provider-simulator/") {
      let lines = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
        .split(separator: "\n", omittingEmptySubsequences: false)
        .filter { !$0.drop(while: \.isWhitespace).hasPrefix("//") }
      let text = lines.joined(separator: "\n")
      let after = text.matches(
        of:
          /(?:\b[hH]int(?: =|:)|excessHint =|\b(?:denied|notFound|forgetting):)\s[^"{};]{0,80}?"((?:[^"\\]|\\.)+)"/
      )
      var literals = after.map { String($0.output.1) }
      let bodies =
        text.matches(
          of: /(?m)^( *)[a-z ]*var (?:remedy|advice|hint|loginHint): String\?? \{\n(?s:(.*?))\n\1\}/
        ).map(\.output.2)
        + text.matches(of: /var (?:remedy|hint): String \{(.*)\}/).map(\.output.1)
      for body in bodies {
        literals += body.matches(of: /"((?:[^"\\]|\\.)+)"/).map { String($0.output.1) }
      }
      // By its name alone, so that a file can move to another room.
      let file = name.split(separator: "/").last.map(String.init) ?? name
      for literal in literals
      where literal.contains(" ") && literal.contains(/[a-z]{3}/) && !literal.contains("\n") {
        let hint = Hint(text: String(literal.prefix(100)).replacing("|", with: "/"), file: file)
        if !found.contains(hint) { found.append(hint) }
      }
    }
    return found
  }

  private static func rows() throws -> [Hint: String] {
    var result: [Hint: String] = [:]
    for line in try String(contentsOf: document, encoding: .utf8).split(separator: "\n")
    where line.hasPrefix("| ") && !line.hasPrefix("| file") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard cells.count >= 2 else { continue }
      result[Hint(text: cells[1], file: cells[0])] = cells.count > 2 ? cells[2] : ""
    }
    return result
  }

  private static let head = """
    # Every hint, and the test that follows it

    Checked by `HintDocumentTests`. A hint whose last column names a test is carried out there, and a login
    (or the command that had failed) works afterwards. "Said by" is a test that sees the hint and does not
    follow it; "not followed" gives the reason.

    | file | hint | followed by |
    |---|---|---|

    """

  @Test func everyHintHasARow() throws {
    let hints = try Self.hints()
    #expect(hints.count > 90)
    var rows = (try? Self.rows()) ?? [:]
    if ProcessInfo.processInfo.environment["SSHPROXY_WRITE_HINTS"] != nil {
      let text = hints.map {
        "| \($0.file) | \($0.text.trimmingCharacters(in: .whitespaces)) | \(rows[$0.trimmed] ?? "") |\n"
      }
      try (Self.head + text.joined()).write(to: Self.document, atomically: true, encoding: .utf8)
      rows = try Self.rows()
    }
    for hint in hints {
      let row = rows.removeValue(forKey: hint.trimmed)
      #expect(row?.isEmpty == false, "\(hint.file): \(hint.text)")
    }
    #expect(rows.isEmpty, "no hint any more: \(rows.keys)")
  }

  @Test func everyTestThatIsNamedExists() throws {
    let sources = try FileManager.default.subpathsOfDirectory(atPath: Self.tests.path)
      .filter { $0.hasSuffix(".swift") }
      .map { try Data(contentsOf: Self.tests.appending(path: $0)) }
    var unfollowed = 0
    for (hint, row) in try Self.rows() {
      let named = row.matches(of: /`([A-Za-z0-9]+Tests)\.([^`]+)`/)
      for name in named {
        let (suite, test) = (Data(" \(name.output.1)".utf8), Data(name.output.2.utf8))
        let exists = sources.contains { $0.range(of: suite) != nil && $0.range(of: test) != nil }
        #expect(exists, "\(name.output.0)")
      }
      #expect(!named.isEmpty || row.hasPrefix("not followed: "), "\(hint.text)")
      if row.hasPrefix("not followed: ") || row.hasPrefix("said by ") { unfollowed += 1 }
    }
    // Only fewer.
    #expect(unfollowed <= Self.mostUnfollowed, "\(unfollowed)")
  }

  private static let mostUnfollowed = 60
}

extension HintDocumentTests.Hint {
  /// As a cell of the table has it.
  fileprivate var trimmed: Self {
    Self(text: text.trimmingCharacters(in: .whitespaces), file: file)
  }
}
