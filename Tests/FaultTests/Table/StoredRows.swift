import Foundation
import TestSupport

extension FaultTable {
  /// The provider is asked once, 3 s after a stored session has not answered.
  static let stored: [Fault] = [
    row("Prime's session is gone at the provider", status: 75, says: "the session is gone") {
      testHome in
      testHome.machine(.silent)
      testHome.provider.forgetSessions()
      testHome.provider.setFault { call, _, _ in
        call == .primeAuthorize ? Reply(404, #"{"detail":"Unknown session"}"#) : nil
      }
    },
    row("Prime's token counts no more", status: 75, says: "the session is gone") { testHome in
      testHome.machine(.hangUp)
      testHome.provider.forgetSessions()
      testHome.provider.setFault { call, _, _ in call == .primeAuthorize ? Reply(401, "{}") : nil }
    },
    row(
      "Dedalus's session is gone at the provider", alias: "dm-1.dedalus", status: 75,
      says: "the session is gone"
    ) { testHome in
      testHome.machine(.reset)
      testHome.provider.forgetSessions()
    },
    row(
      "Dedalus's machine sleeps, and the question wakes it", alias: "dm-1.dedalus", status: 0,
      left: .session, within: 7
    ) { testHome in
      testHome.machine(.hangUp)
      testHome.provider.setFault { [weak testHome] call, number, request in
        guard call == .dedalusPoll, let testHome else { return nil }
        let id = request.path.split(separator: "/").last.map(String.init) ?? ""
        if number == 0 { testHome.machine(.echo) }
        let waking =
          #"{"session_id":"\#(id)","machine_id":"dm-1","status":"wake_in_progress","created_at":"x"}"#
        return number == 0 ? Reply(200, waking) : nil
      }
    },
    row(
      "Dedalus says that the session has expired", alias: "dm-1.dedalus", status: 75,
      says: "the session is gone"
    ) { testHome in
      testHome.machine(.silent)
      testHome.provider.forgetSessions()
      testHome.provider.setFault { call, _, _ in
        call == .dedalusPoll
          ? Reply(
            200, #"{"session_id":"wssh-1","machine_id":"dm-1","status":"expired","created_at":"x"}"#
          )
          : nil
      }
    },
    row(
      "TensorPool names another machine by now", alias: "node1.tensorpool", status: 75,
      says: "the session is gone"
    ) { testHome in
      testHome.machine(.silent)
      testHome.provider.setFault { call, _, _ in
        call == .tensorpoolAsk ? Reply(200, #"{"command":"ssh -p 1 ubuntu@127.0.0.1"}"#) : nil
      }
    },
    row(
      "TensorPool knows the machine no more", alias: "node1.tensorpool", status: 75,
      says: "the session is gone"
    ) { testHome in
      testHome.machine(.silent)
      testHome.provider.setFault { call, _, _ in call == .tensorpoolAsk ? Reply(404, "{}") : nil }
    },
    row("the key is refused when the provider is asked", status: 75, says: "the session is gone") {
      testHome in
      testHome.machine(.silent)
      testHome.provider.forgetSessions()
      testHome.provider.setFault { call, _, _ in call == .primeAuthorize ? Reply(403, "{}") : nil }
    },
    row(
      "the API key is refused when Dedalus is asked", alias: "dm-1.dedalus", status: 77,
      says: "refuses the key", left: .session
    ) { testHome in
      testHome.machine(.silent)
      testHome.provider.setFault { call, _, _ in call == .dedalusPoll ? Reply(401, "{}") : nil }
    },
    row(
      "the machine is silent, the provider says all is well", status: 75, says: "for 8 s",
      left: Left(there: 1), within: 10
    ) { $0.machine(.silent) },
    row(
      "the machine is silent, and so is the provider; it comes back", status: 0, left: .session,
      within: 10
    ) { testHome in
      testHome.machine(.hangUp)
      testHome.provider.setFault { [weak testHome] call, number, _ in
        guard call == .primeAuthorize, let testHome else { return nil }
        testHome.machine(.echo)
        return Reply(500, "")
      }
    },
    renewal("the API is down", status: 0, within: 4) { _, _, _ in Reply(500, "") },
    renewal("the key is refused", status: 0) { _, _, _ in Reply(401, "{}") },
    renewal("the answer makes no sense", status: 0) { _, _, _ in Reply(200, "<html>") },
    Fault(
      .stored, "the session has expired, and the key is refused", status: 77,
      says: "refuses the key", left: Left(here: 1, there: 1)
    ) { testHome in
      try use("sb1.prime", testHome)
      try testHome.home.rewriteRecords(of: "sb1.prime") { line in
        ["renew-after", "expires"].first { line.hasPrefix($0) }.map { "\($0) 1700000000" } ?? line
      }
      testHome.provider.setFault { call, _, _ in call == .primeCreate ? Reply(401, "{}") : nil }
      return [try testHome.prepare()]
    },
  ]

  private static func use(_ alias: String, _ testHome: FaultHome) throws {
    let ending = try testHome.connect(alias)
    guard ending.status == 0 else { throw Unexpected("\(ending)") }
  }

  private static func row(
    _ name: String, alias: String = "sb1.prime", status: Int32, says words: String = "",
    left: Left = .nothing, within: Double = 4.5, _ spoil: @escaping @Sendable (FaultHome) -> Void
  ) -> Fault {
    Fault(
      .stored, name, status: status, says: words, left: left, within: within, deadline: 8,
      alias: alias
    ) { testHome in
      try use(alias, testHome)
      spoil(testHome)
      return [try testHome.connect(alias)]
    }
  }

  /// Due for renewal, which fails: the stored session is good for a while.
  private static func renewal(
    _ name: String, status: Int32, within: Double = Fault.atOnce,
    _ reply: @escaping ScriptedProvider.FaultyReply
  ) -> Fault {
    Fault(
      .stored, "the session is due for renewal, but \(name)", status: status, left: .session,
      within: within
    ) { testHome in
      try use("sb1.prime", testHome)
      try testHome.home.rewriteRecords(of: "sb1.prime") {
        $0.hasPrefix("renew-after") ? "renew-after 1700000000" : $0
      }
      testHome.provider.setFault(reply)
      return [try testHome.prepare(), try testHome.connect()]
    }
  }
}
