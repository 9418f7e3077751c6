import Foundation
import Testing

/// SECURITY.md names a test for every promise: each has to exist.
@Suite struct SecurityDocumentTests {
  @Test func everyTestThatIsNamedExists() throws {
    let tests = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    let document = tests.deletingLastPathComponent().appending(path: "SECURITY.md")
    let text = try String(contentsOf: document, encoding: .utf8)
    let named = text.matches(of: /`([A-Za-z]+Tests)\.([A-Za-z]+)`/).map {
      (String($0.output.1), String($0.output.2))
    }
    #expect(named.count >= 30)
    let sources = try FileManager.default.subpathsOfDirectory(atPath: tests.path)
      .filter { $0.hasSuffix(".swift") }
      .map { try String(contentsOf: tests.appending(path: $0), encoding: .utf8) }
    for (suite, test) in named {
      let exists = sources.contains {
        $0.contains("struct \(suite)") && $0.contains("func \(test)(")
          || $0.contains("extension \(suite)") && $0.contains("func \(test)(")
      }
      #expect(exists, "\(suite).\(test)")
    }
  }

  /// A promise without a test is none.
  @Test func everyPromiseNamesATest() throws {
    let document = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "SECURITY.md")
    let rows = try String(contentsOf: document, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("| ") && !$0.hasPrefix("| promise") }
    #expect(rows.count >= 20)
    for row in rows { #expect(row.contains(/`[A-Za-z]+Tests\.[A-Za-z]+`/), "\(row)") }
  }
}
