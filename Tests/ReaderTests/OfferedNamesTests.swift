import TestSupport
import Testing

extension ReaderTests {
  /// What the shells complete `ssh ` with.
  @Suite struct OfferedNamesTests {
    private static let shells: [String: [String]] = [
      "bash": ["/bin/bash", "--norc", Reader.source("bash_completion.bash")],
      "zsh": ["/bin/zsh", "-f", Reader.source("zsh_completion.zsh")],
      "fish": ["/usr/bin/fish", "-c", "complete -C 'ssh '"],
    ]

    /// A candidate a line; fish puts a description behind it.
    private func offered(_ shell: String, _ testHome: ReaderHome) throws -> Set<String> {
      let end = try testHome.run(try #require(Self.shells[shell]))
      #expect(end.status == 0 && end.errors.isEmpty, "\(end)")
      let lines = end.output.split(separator: "\n").map { $0.prefix { $0 != "\t" } }
      return Set(lines.map { String($0) })
    }

    @Test(arguments: ["bash", "zsh", "fish"])
    func `the names under [hosts] are offered beside the user's, and nothing that is no host`(
      _ shell: String
    ) throws {
      let testHome = try ReaderHome(ReaderTests.simulator)
      let before = try offered(shell, testHome)
      #expect(before.isSuperset(of: ["work", "gh-work"]), "\(before)")
      try testHome.setUpWithSessions()
      let after = try offered(shell, testHome)
      let new = after.subtracting(before)
      #expect(before.isSubset(of: after), "\(after)")
      #expect(new.isSuperset(of: ReaderHome.names), "\(new)")
      #expect(new.isSubset(of: ReaderHome.names + ReaderHome.machines), "\(new)")
      #expect(testHome.calls == [])
    }
  }
}
