import Foundation
import TestSupport

extension FaultTable {
  /// A clock that jumps is a record whose times are others.
  static let clock: [Fault] = [
    row("is set back by a day: the session is doubtful, a new one is made") {
      try $0.home.age("sb1.prime", by: -86_400)
    },
    row("jumps ahead by a day: the session has expired, a new one is made") {
      try $0.home.age("sb1.prime", by: 86_400)
    },
    row("jumps past the time of renewal: a new session is made") {
      try $0.home.rewriteRecords(of: "sb1.prime") {
        $0.hasPrefix("renew-after") ? "renew-after 1700000000" : $0
      }
    },
    Fault(
      .clock, "the clock is set back by 30 s: the session is used", status: 0, left: .session
    ) { testHome in
      _ = try testHome.connect()
      try testHome.home.age("sb1.prime", by: -30)
      return [try testHome.prepare(), try testHome.connect()]
    },
    Fault(
      .clock, "a failure is remembered from the future: it is tried all the same", status: 0,
      left: .session
    ) { testHome in
      testHome.provider.setFault { call, _, _ in call == .primeCreate ? Reply(401, "{}") : nil }
      _ = try testHome.connect()
      testHome.provider.setFault(nil)
      let lock = "\(FaultHome.state)/sessions/sb1.prime/lock"
      let lines = (testHome.home.read(lock) ?? "").split(separator: "\n")
      let future = Int64(Date().timeIntervalSince1970 + 3600) * 1000
      let text = ["failed \(future)"] + lines.dropFirst().map(String.init)
      try testHome.home.write(text.joined(separator: "\n") + "\n", to: lock)
      return [try testHome.connect()]
    },
    Fault(
      .clock, "a failure that ssh's prepare has just told: connect says nothing", status: 77
    ) { testHome in
      testHome.provider.setFault { call, _, _ in call == .primeCreate ? Reply(401, "{}") : nil }
      _ = try testHome.prepare()
      return [try testHome.connect()]
    },
  ]

  private static func row(
    _ name: String, _ change: @escaping @Sendable (FaultHome) throws -> Void
  ) -> Fault {
    Fault(.clock, "the clock \(name)", status: 0, left: .session) { testHome in
      _ = try testHome.connect()
      try change(testHome)
      let old = Set(testHome.allSessions)
      testHome.provider.forgetSessions()
      let ending = try testHome.run(["prepare", "sb1.prime"])
      guard !Set(testHome.allSessions).subtracting(old).isEmpty else {
        throw Unexpected("the old session was used")
      }
      // One that is alive by its times stays for an ssh that still uses it.
      for name in old {
        try? FileManager.default.removeItem(
          atPath: testHome.home.path(of: "\(FaultHome.state)/sessions/\(name)"))
      }
      return [ending]
    }
  }
}
