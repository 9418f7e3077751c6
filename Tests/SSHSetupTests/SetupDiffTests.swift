import Foundation
import TestSupport
import Testing

@testable import Configuration
@testable import SSHSetup

/// The text of `--diff`, read by the real patch(1).
@Suite struct SetupDiffTests {
  @Test func changesNothingAndSaysWhatWould() throws {
    let fixture = try SetupFixture()
    try fixture.home.write("Host a\n  User u", to: ".ssh/config")
    let before = try fixture.home.snapshot(withFolders: true)
    let difference = String(decoding: try fixture.setup().difference(), as: UTF8.self)
    #expect(try fixture.home.snapshot(withFolders: true) == before)
    #expect(difference.contains("--- /dev/null\n+++ \(fixture.home.path)/.ssh/sshproxy.conf\n"))
    #expect(
      difference.hasSuffix(
        """
        @@ -1,2 +1,3 @@
        +Include \(fixture.home.path)/.ssh/sshproxy.conf
         Host a
           User u
        \\ No newline at end of file

        """))
    _ = try fixture.setup().apply()
    #expect(try fixture.setup().difference().isEmpty)
  }

  @Test func isWhatPatchReads() throws {
    let home = try TemporaryDirectory()
    for seed in 0..<150 {
      let old = Self.lines(seed)
      let new = Self.lines(seed, changed: true)
      let diff = UnifiedDiff.text(path: "file", from: old, to: new)
      #expect(diff.isEmpty == (old == new))
      guard old != new else { continue }
      try home.write(old, to: "file")
      let (status, output, errors) = try run(
        "/usr/bin/patch", ["--binary", "--fuzz=0", "-s", home.path(of: "file"), "-"], input: diff)
      #expect(status == 0, "\(seed): \(output)\(errors)")
      // patch takes a file away that a patch empties.
      #expect(home.bytes(of: "file") ?? [] == new, "\(seed)")
    }
  }

  @Test func isShortest() {
    let old = (0..<5000).map { "line \($0)\n" }
    var new = old
    new.insert("line 4000\n", at: 0)
    new.remove(at: 4001)
    let steps = EditScript.steps(from: Self.slices(old), to: Self.slices(new))
    let changes = steps.filter { if case .keep = $0 { false } else { true } }
    #expect(changes == [.insert(new: 0), .delete(old: 4000)])
  }

  @Test func givesUpOnTwoOtherTexts() {
    let old = (0..<3000).map { "old \($0)\n" }
    let new = (0..<3000).map { "new \($0)\n" }
    #expect(EditScript.steps(from: Self.slices(old), to: Self.slices(new)).count == 6000)
  }

  private static func slices(_ lines: [String]) -> [ArraySlice<UInt8>] {
    lines.map { Array($0.utf8)[...] }
  }

  /// A text of few words, so that lines are alike, with some of its lines replaced.
  private static func lines(_ seed: Int, changed: Bool = false) -> [UInt8] {
    var random = SeededGenerator(seed)
    var lines: [String] = []
    for _ in 0..<random.below(30) {
      let word = "word \(random.below(6))\n"
      let roll = random.below(10)
      if changed, roll == 0 { continue }
      if changed, roll == 1 {
        lines.append("new \(random.below(3))\n")
      } else {
        _ = random.below(3)
      }
      lines.append(word)
    }
    let end = random.below(3)
    return lines.joined().utf8 + (end == 0 || (changed && end == 1) ? Array("end".utf8) : [])
  }
}
