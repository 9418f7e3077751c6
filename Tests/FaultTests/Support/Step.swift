import Foundation
import SystemIO
import TestSupport

/// A step of a connection at which the program can be held, to see what becomes of it there.
struct Step: Sendable {
  let name: String
  let alias: String
  /// What stays when the program is killed here.
  let left: Left
  private var machineRefuses = false
  private let hold: @Sendable (FaultHome) throws -> Void
  private let isReached: @Sendable (FaultHome) -> Bool

  private init(
    name: String, alias: String, left: Left, machineRefuses: Bool = false,
    hold: @escaping @Sendable (FaultHome) throws -> Void,
    isReached: @escaping @Sendable (FaultHome) -> Bool
  ) {
    self.name = name
    self.alias = alias
    self.left = left
    self.machineRefuses = machineRefuses
    self.hold = hold
    self.isReached = isReached
  }

  func makeHome(deadline: Int) throws -> FaultHome {
    try FaultHome(deadline: deadline, endpointListens: !machineRefuses)
  }

  /// Starts `connect` and waits until it has come to this step.
  /// - Parameter shell: a script of sh that runs its arguments; they are the program and its words.
  func start(
    _ testHome: FaultHome, input: RunningProgram.Input = .nothing, output: Int32? = nil,
    through shell: String? = nil
  ) throws -> RunningProgram {
    try hold(testHome)
    let words = ["connect", alias]
    let run =
      try shell.map { script in
        try testHome.start(
          ["-c", script, "sh", BuiltProgram.sshproxy] + words, program: "/bin/sh", input: input,
          output: output)
      } ?? testHome.start(words, input: input, output: output)
    let isThere = eventually { isReached(testHome) }
    guard isThere else { throw Unexpected("\(name): not reached: \(run.end(within: 0))") }
    return run
  }

  /// Puts right what is no fault of the program's: configuration, key, lock.
  func release(_ testHome: FaultHome) throws {
    testHome.environment.merge(FaultHome.keys) { _, good in good }
    try testHome.configure("")
    testHome.helper = nil
  }

  /// The step at which the relay runs.
  static let relaying = Step(
    name: "the relay runs", alias: "sb1.prime", left: .session, hold: { _ in },
    isReached: { testHome in
      testHome.endpoint.connectionCount > 0
        && testHome.allSessions.contains {
          testHome.home.exists("\(FaultHome.state)/sessions/\($0)/answered")
        }
    })

  /// The steps before the first byte.
  static let early: [Step] = [
    Step(
      name: "the key's command runs", alias: "sb1.prime", left: .nothing,
      hold: { testHome in
        testHome.environment["PRIME_API_KEY"] = nil
        let mark = testHome.home.path(of: "reached")
        try testHome.configure(
          "[prime]\napi_key_command = \"touch '\(mark)'; exec sleep 600\"\n")
      }, isReached: { $0.home.exists("reached") }),
    silent(.primeCreate, left: .nothing),
    silent(.primeAuthorize, left: Left(there: 1, isClosedPerhaps: true)),
    silent(.dedalusCreate, left: .nothing),
    Step(
      name: "Dedalus wakes the machine", alias: "dm-1.dedalus", left: Left(there: 1),
      hold: { testHome in
        testHome.provider.setFault { call, _, request in
          guard call == .dedalusPoll else { return nil }
          let id = request.path.split(separator: "/").last.map(String.init) ?? ""
          return Reply(
            200,
            #"{"session_id":"\#(id)","machine_id":"dm-1","status":"wake_in_progress","created_at":"x","retry_after_ms":500}"#
          )
        }
      }, isReached: { $0.provider.count(of: .dedalusPoll) > 1 }),
    silent(.tensorpoolAsk, left: .nothing),
    silent(.daytonaAccess, left: .nothing),
    Step(
      name: "another one holds the lock", alias: "sb1.prime", left: .nothing,
      hold: { testHome in
        testHome.helper = try testHome.holdLock("sessions/sb1.prime/lock")
      }, isReached: { $0.waitingCount > 0 }),
    Step(
      name: "the machine refuses", alias: "sb1.prime", left: .session,
      machineRefuses: true, hold: { _ in }, isReached: { !$0.allSessions.isEmpty }),
    Step(
      name: "the machine is silent", alias: "sb1.prime", left: .session,
      hold: { $0.machine(.silent) }, isReached: { $0.endpoint.connectionCount > 0 }),
  ]

  static let all = early + [relaying]

  private static func silent(_ call: Call, left: Left) -> Step {
    Step(
      name: "\(call.rawValue) gets no answer", alias: call.alias, left: left,
      hold: { testHome in
        testHome.provider.setFault { current, _, _ in
          current == call ? Reply(raw: "", .silent) : nil
        }
      }, isReached: { $0.provider.count(of: call) > 0 })
  }
}
