import Foundation
import TestSupport
import Testing

/// What goes wrong before there is a connection is said once by the real ssh, too, though it runs two of our
/// commands; and nothing changes by it.
@Suite struct SaidOnceTests {
  /// For each alias a row of each status; at the deadline the second command has no time of its own. A row
  /// about a program of the user's own puts it right itself.
  private static let rows: [Fault] = {
    var seen: Set<String> = []
    return FaultTable.rows.filter { row in
      guard [.call, .status].contains(row.moment), let status = row.status, status >= 64,
        status != 75, row.alias != "mine", !row.name.hasPrefix("an API elsewhere")
      else { return false }
      return seen.insert("\(row.alias) \(status)").inserted
    }
  }()

  @Test func thereAreEnough() {
    #expect(Self.rows.count >= 30)
    #expect(Set(Self.rows.compactMap(\.status)) == [65, 68, 69, 77])
  }

  @Test(arguments: rows) func bySSH(_ row: Fault) async throws {
    try await Gate.shared.run {
      let testHome = try row.makeHome(row.deadline)
      let file = try testHome.home.write("Host *\n  BatchMode yes\n", to: ".ssh/config")
      let setup = try testHome.run(["setup", "--fdpass", "--ssh-config", file])
      try #require(setup.status == 0, "\(setup)")
      // The fault stays when it has been seen.
      _ = try row.act(testHome)
      testHome.provider.forgetCalls()
      let before = try snapshot(testHome)
      let end = try testHome.start(["-F", file, row.alias, "true"], program: TestHome.ssh).end()
      #expect(end.status == 255 && end.output.isEmpty, "\(end)")
      let lines = end.errors.split(whereSeparator: \.isNewline)
      let errors = lines.filter { $0.hasPrefix("sshproxy: error: ") }
      #expect(errors.count == 1, "\(end)")
      #expect(errors.first?.hasPrefix("sshproxy: error: \(row.alias): ") == true, "\(end)")
      #expect(end.errors.contains(row.words), "\(end)")
      #expect(lines.filter { $0.hasPrefix("sshproxy: hint: ") }.count == 1, "\(end)")
      #expect(try snapshot(testHome) == before)
    }
  }

  /// But for the lock, in which a failure is remembered, and for what was listed, in case an unknown id is
  /// a name.
  private func snapshot(_ testHome: FaultHome) throws -> [String: Data] {
    try testHome.home.snapshot().filter { name, _ in
      !name.hasSuffix("/lock") && name != FaultHome.state + "/machines"
    }
  }
}
