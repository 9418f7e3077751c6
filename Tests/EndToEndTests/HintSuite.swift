import TestSupport
import Testing

/// A suite that breaks something, reads the hint, does what it says and logs in.
protocol HintSuite {
  var testHome: TestHome { get }
}

extension HintSuite {
  func expectLogin(_ alias: String = "sb1.prime") throws {
    let end = try testHome.ssh([alias, "echo in"])
    #expect(end.status == 0 && end.output == "in\n", "\(end)")
  }

  /// What `check` says, hints included.
  func check(_ words: String...) throws -> String {
    try testHome.sshproxy(
      ["check", "--ssh-config", testHome.sshConfiguration] + words, within: 60
    ).output
  }
}
