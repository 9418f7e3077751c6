import Foundation
import TestSupport
import Testing

/// Every row of FAULTS.md, carried out.
@Suite struct FaultTableTests {
  @Test(arguments: FaultTable.rows)
  func row(_ fault: Fault) async throws {
    let places = fault.within <= 1 || fault.moment == .crowd ? 4 : 1
    try await Gate.shared.runAgainIfLate(places: places) { try carryOut(fault, isLast: $0) }
  }

  /// - Returns: whether the run counts.
  private func carryOut(_ fault: Fault, isLast: Bool) throws -> Bool {
    let testHome = try fault.makeHome(fault.deadline)
    let judge = Judge(fault: fault, testHome: testHome, isLast: isLast)
    return judge.judge(try fault.act(testHome))
  }

  /// The runner looks at locks while programs end, which remove some.
  @Test func aLockIsHeldAsLongAsItIsThere() throws {
    let testHome = try TestHome(environment: [:])
    let lock = testHome.home.path(of: "\(TestHome.state)/sessions/sb1.prime/lock")
    #expect(!Judge.isHeld(lock))
    let holder = try testHome.holdLock("sessions/sb1.prime/lock")
    #expect(Judge.isHeld(lock))
    holder.signal(SIGKILL)
    _ = holder.end()
    kill(-holder.identifier, SIGKILL)
    #expect(eventually { !Judge.isHeld(lock) })
    unlink(lock)
    #expect(!Judge.isHeld(lock))
  }

  @Test func rowsAreManyAndDifferent() {
    let names = FaultTable.rows.map(\.testDescription)
    #expect(names.count >= 60)
    #expect(Set(names).count == names.count)
    #expect(Set(FaultTable.rows.map(\.moment)) == Set(FaultMoment.allCases))
  }

  /// `SSHPROXY_WRITE_FAULTS=1` writes the file instead, which is what `scripts/faults --write` does.
  @Test func documentIsInStep() throws {
    let file = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appending(path: "FAULTS.md")
    let text = FaultTable.document
    if ProcessInfo.processInfo.environment["SSHPROXY_WRITE_FAULTS"] != nil {
      try Data(text.utf8).write(to: file)
    }
    let present = try String(contentsOf: file, encoding: .utf8)
    #expect(present == text, "run scripts/faults --write")
  }
}
