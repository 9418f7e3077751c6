import Foundation
import TestSupport
import Testing

/// A field that a provider sends, and how a text gets into it.
struct HostileField: Sendable, CustomTestStringConvertible {
  let call: Call
  let name: String
  /// Whether `session.json`, which is 0600 and read by us alone, may hold what passes.
  var isProviderState = false
  /// The whole answer with the JSON text in the field's place.
  let reply: @Sendable (ScriptedProvider, APIRequest, [UInt8]) -> Reply

  var testDescription: String { "\(call.rawValue): \(name)" }

  static let all = members + refusals + commands + accesses + clouds

  private static let placeholder = #""c0ffee-hostile""#

  private static let members: [HostileField] =
    [
      "session_id", "sandbox_id", "host", "external_endpoint", "exposure_id", "expires_at",
      "gateway_url",
    ]
    .map { member(.primeCreate, [$0]) }
    + ["user_ns", "job_id", "token"].map { member(.primeCreate, [$0], isProviderState: true) }
    + ["session_id", "machine_id", "status", "created_at"].map { member(.dedalusCreate, [$0]) }
    + ["session_id", "machine_id", "status", "created_at", "expires_at"].map {
      member(.dedalusPoll, [$0])
    }
    + ["endpoint", "ssh_username", "user_certificate"].map {
      member(.dedalusPoll, ["connection", $0])
    }
    + ["kind", "host_pattern", "public_key"].map {
      member(.dedalusPoll, ["connection", "host_trust", $0])
    }
    + [member(.tensorpoolAsk, ["command"])]
    + ["id", "name", "state"].map { member(.daytonaAsk, [$0]) }
    + ["id", "sandboxId", "token", "expiresAt", "sshCommand"].map {
      member(.daytonaAccess, [$0])
    }

  /// Each text of each cloud's answer. A hostile state is waited for until the deadline, by the same code for
  /// all of them: one is enough.
  private static let clouds: [HostileField] =
    CloudAnswer.calls.flatMap { call in
      guard let cloud = CloudAnswer.all[call] else { return [HostileField]() }
      return [cloud.id, cloud.host, cloud.port, cloud.user].compactMap { $0 }
        .map { member(call, $0) }
    } + [
      member(.runpodAsk, ["status"]),
      body(.podAsk, "installationFailure", 200) {
        #"{"data":[{"podId":"pod1","status":"ERROR","installationFailure":\#($0)}]}"#
      },
      body(.lambdaAsk, "message of a refusal", 400) {
        #"{"error":{"code":\#($0),"message":\#($0),"suggestion":\#($0)}}"#
      },
      body(.vastAsk, "msg of a refusal", 400) { #"{"success":false,"error":\#($0),"msg":\#($0)}"# },
    ]

  private static let refusals: [HostileField] = [
    body(.dedalusPoll, "error_message", 200) {
      #"{"session_id":"wssh-1","machine_id":"dm-1","status":"failed","created_at":"x","error_message":\#($0),"error_code":\#($0)}"#
    },
    body(.primeCreate, "detail of a refusal", 400) { #"{"detail":\#($0)}"# },
    body(.primeCreate, "errors of a refusal", 422) {
      #"{"errors":[{"param":\#($0),"details":\#($0)}]}"#
    },
    body(.primeAuthorize, "detail of a refusal", 403) {
      #"{"detail":[{"loc":[\#($0)],"msg":\#($0)}]}"#
    },
    body(.dedalusCreate, "message of a refusal", 409) {
      #"{"error_code":\#($0),"message":\#($0),"retryable":false}"#
    },
    body(.dedalusCreate, "title of a problem", 404) {
      #"{"title":\#($0),"errors":[{"location":\#($0),"message":\#($0)}]}"#
    },
    body(.daytonaAsk, "message of a refusal", 401) {
      #"{"statusCode":401,"error":\#($0),"message":\#($0)}"#
    },
    body(.daytonaAccess, "message of a refusal", 400) {
      #"{"statusCode":400,"error":\#($0),"message":\#($0)}"#
    },
    body(.tensorpoolAsk, "message", 200) { #"{"message":\#($0)}"# },
    body(.tensorpoolAsk, "detail of a refusal", 401) { #"{"detail":\#($0)}"# },
  ]

  /// Parts of TensorPool's command: inside it a text is what the shell words make of it.
  private static let commands: [HostileField] = [
    ("the login in the command", "ssh ", "@127.0.0.1"),
    ("the host in the command", "ssh ubuntu@", ""),
    ("the jump host in the command", "ssh -J ", " ubuntu@127.0.0.1"),
    ("the key file in the command", "ssh -i ", " ubuntu@127.0.0.1"),
    ("the port in the command", "ssh -p ", " ubuntu@127.0.0.1"),
    ("an option's value in the command", "ssh -o ConnectTimeout=", " ubuntu@127.0.0.1"),
  ].map { name, before, after in
    HostileField(call: .tensorpoolAsk, name: name) { _, _, text in
      let inner = text.dropFirst().dropLast()
      return Reply(
        200, Array(#"{"command":"\#(before)"#.utf8) + inner + Array("\(after)\"}".utf8))
    }
  }

  /// The same of Daytona's, whose login has to be the token: what does not break the command is in it twice.
  private static let accesses: [HostileField] = [
    ("the token and the login in the command", #""token":"#, #","sshCommand":"ssh "#, "@127.0.0.1"),
    (
      "the host in the command", #""token":"dtnT0ken0fDayt0na-0","x":"#,
      #","sshCommand":"ssh dtnT0ken0fDayt0na-0@"#, ""
    ),
    (
      "an option of the command", #""token":"dtnT0ken0fDayt0na-0","x":"#,
      #","sshCommand":"ssh -o ConnectTimeout=5 -i "#, " dtnT0ken0fDayt0na-0@127.0.0.1"
    ),
  ].map { name, token, before, after in
    HostileField(call: .daytonaAccess, name: name) { _, _, text in
      let inner = text.dropFirst().dropLast()
      let head = #"{"id":"a-1","sandboxId":"sb1","expiresAt":"\#(ScriptedProvider.time(900))","#
      return Reply(
        200,
        Array((head + token).utf8) + text + Array(before.utf8) + inner + Array("\(after)\"}".utf8))
    }
  }

  private static func member(_ call: Call, _ path: [String], isProviderState: Bool = false)
    -> HostileField
  {
    HostileField(call: call, name: path.joined(separator: "."), isProviderState: isProviderState) {
      provider, request, text in
      let body = JSONText.replacing(
        path, in: provider.normal(call, request).body, by: placeholder)
      return Reply(200, filled(body, text))
    }
  }

  private static func body(
    _ call: Call, _ name: String, _ status: Int, _ make: @escaping @Sendable (String) -> String
  ) -> HostileField {
    HostileField(call: call, name: name) { _, _, text in
      Reply(status, filled(make(placeholder), text))
    }
  }

  private static func filled(_ body: String, _ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    var rest = Data(body.utf8)
    while let place = rest.range(of: Data(placeholder.utf8)) {
      result += rest[rest.startIndex..<place.lowerBound] + text
      rest = Data(rest[place.upperBound...])
    }
    return result + rest
  }
}
