import Foundation
import TestSupport

extension FaultTable {
  private static let count = 20

  static let crowds: [Fault] = [
    Fault(
      .crowd, "20 at once: one asks, all connect", status: 0, left: .session, within: 8,
      deadline: 15
    ) { testHome in
      testHome.provider.setFault { [weak testHome] call, _, _ in
        // All wait for this very try.
        if call == .primeCreate { _ = eventually { testHome?.waitingCount == count } }
        return nil
      }
      let endings = try together(testHome)
      guard testHome.provider.count(of: .primeCreate) == 1 else {
        throw Unexpected("more than one asked")
      }
      return endings
    },
    Fault(
      .crowd, "20 at once, and the provider refuses: one asks, all end with its answer",
      status: 77, says: "refuses the key", within: 12, deadline: 15
    ) { testHome in
      testHome.provider.setFault { [weak testHome] call, _, _ in
        guard call == .primeCreate, let testHome else { return nil }
        // All wait for this very try.
        _ = eventually { testHome.waitingCount == count }
        return Reply(401, "{}")
      }
      let endings = try together(testHome)
      guard testHome.provider.count(of: .primeCreate) == 1 else {
        throw Unexpected("more than one asked")
      }
      return endings
    },
    Fault(
      .crowd, "the one who asks is killed while five wait: another asks", status: 0,
      left: .session, within: 8, deadline: 15
    ) { testHome in
      testHome.provider.setFault { call, number, _ in
        call == .primeCreate && number == 0 ? Reply(raw: "", .silent) : nil
      }
      let first = try testHome.start(["prepare", "sb1.prime"])
      guard eventually({ testHome.provider.count(of: .primeCreate) == 1 }) else {
        throw Unexpected("nobody asked")
      }
      let others = try (0..<5).map { _ in try testHome.start(["connect", "sb1.prime"]) }
      guard eventually({ testHome.waitingCount == 6 }) else { throw Unexpected("nobody waits") }
      first.signal(SIGKILL)
      _ = first.end()
      let endings = others.map { $0.end() }
      guard testHome.provider.count(of: .primeCreate) == 2 else {
        throw Unexpected("more than one asked")
      }
      return endings
    },
  ]

  private static func together(_ testHome: FaultHome) throws -> [ProgramEnd] {
    let runs = try (0..<count).map { _ in try testHome.start(["connect", "sb1.prime"]) }
    return runs.map { $0.end() }
  }
}
