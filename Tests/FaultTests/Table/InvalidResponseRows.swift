import Foundation
import TestSupport

extension CallCase {
  /// The members that an answer has to have, with a value of another type each.
  var fields: [(path: [String], wrong: String)] {
    switch call {
    case .primeCreate:
      return [
        "session_id", "sandbox_id", "host", "expires_at", "exposure_id", "external_endpoint",
        "gateway_url", "user_ns", "job_id", "token",
      ].map { ([$0], "17") } + [(["port"], #""22""#), (["ttl_seconds"], #""900""#)]
    case .dedalusCreate:
      return ["session_id", "machine_id", "status", "created_at"].map { ([$0], "17") }
    case .dedalusPoll:
      let trust = ["kind", "host_pattern", "public_key"].map {
        (["connection", "host_trust", $0], "17")
      }
      let connection = ["endpoint", "ssh_username", "user_certificate", "host_trust"].map {
        (["connection", $0], "17")
      }
      return ["session_id", "machine_id", "status", "created_at", "connection"].map { ([$0], "17") }
        + connection + [(["connection", "port"], #""22""#)] + trust
    case .tensorpoolAsk: return [(["command"], "17")]
    case .daytonaAsk: return [(["id"], "17")]
    case .daytonaAccess:
      return ["id", "sandboxId", "token", "expiresAt", "sshCommand"].map { ([$0], "17") }
    default: return []
    }
  }

  /// A member that is a number, and one that is a text.
  fileprivate var number: [String] {
    switch call {
    case .primeCreate: ["port"]
    case .dedalusCreate: ["retry_after_ms"]
    case .dedalusPoll: ["connection", "port"]
    default: []
    }
  }
}

extension FaultTable {
  private static let limit = 1 << 20

  /// Answers that make no sense; final at once. Where the status alone counts they do no harm.
  static func invalidResponse(_ call: CallCase) -> [Fault] {
    let status: Int32 = call.bodyMatters ? 65 : 0
    func spoiled(
      _ name: String, says words: String, _ replies: [CallCase.MakeReply],
      within: Double = Fault.atOnce
    ) -> Fault {
      call.fault(
        name, status: status, says: status == 0 ? "" : words, within: within, .always,
        replies: replies)
    }
    var rows = [
      spoiled(
        "HTML instead of JSON", says: "the answer is not JSON",
        [{ _, _ in Reply(200, "<!doctype html><h1>Sign in</h1>", type: "text/html") }]),
      spoiled(
        "an empty body with 200, 201 and 204", says: "the answer",
        [200, 201, 204].map { status in { _, _ in Reply(status, "") } }),
      spoiled(
        "null, a number, a text, a list", says: "the answer",
        ["null", "17", #""text""#, "[]", "[{}]"].map { body in { _, _ in Reply(200, body) } }),
      spoiled(
        "100,000 levels deep", says: "the answer is nested more than 32 levels deep",
        ["[", #"{"a":"#].map { piece in
          { _, _ in Reply(200, String(repeating: piece, count: 100_000)) }
        }),
      spoiled(
        "500 levels deep and 7,700 values wide, and as much as fits into 1 MiB",
        says: "the answer is nested more than 32 levels deep",
        [7_692, 520_000].map { count in { _, _ in Reply(200, wide(count, depth: 500)) } },
        within: 1),
      spoiled(
        "500,000 values at 30 levels", says: "the answer has more than 20000 values",
        [{ _, _ in Reply(200, wide(500_000, depth: 30)) }], within: 1),
      spoiled(
        "not UTF-8", says: "the answer",
        [{ _, _ in Reply(200, Array(#"{"session_id":""#.utf8) + [0xff, 0xfe, 0x22, 0x7d]) }]),
      call.fault(
        "1 MiB and a byte", status: 65, says: "larger than 1 MiB", .always, reply: padded(call, 1)),
      call.fault(
        "1 MiB to the byte", status: 0, within: Fault.atOnce, .once, reply: padded(call, 0)),
      call.fault(
        "no HTTP at all", status: 65, says: "the answer is no HTTP", .always,
        reply: { _, _ in Reply(raw: "SSH-2.0-OpenSSH_9.2p1\r\n") }),
      call.fault(
        "a refusal 100,000 levels deep", status: 69, says: "says no (HTTP 400)", .always,
        reply: { _, _ in Reply(400, String(repeating: #"{"detail":["#, count: 50_000)) }),
      call.fault(
        "a refusal 500 levels deep and wide", status: 69, says: "says no (HTTP 400)", within: 1,
        .always,
        replies: [7_692, 520_000].map { count in { _, _ in Reply(400, wide(count, depth: 500)) } }),
    ]
    if !call.fields.isEmpty { rows += fields(call) }
    return rows
  }

  private static func wide(_ count: Int, depth: Int) -> String {
    String(repeating: "[", count: depth) + String(repeating: "1,", count: count - 1) + "1"
      + String(repeating: "]", count: depth)
  }

  private static func padded(_ call: CallCase, _ excess: Int) -> CallCase.MakeReply {
    { provider, request in
      let reply =
        excess == 0 ? provider.normal(call.call, request) : provider.unlearnt(call.call, request)
      let body = reply.body
      return Reply(200, body + String(repeating: " ", count: limit + excess - body.utf8.count))
    }
  }

  private static func fields(_ call: CallCase) -> [Fault] {
    let fields = call.fields
    var rows = [
      call.fault(
        "each member missing", status: 65, says: "the answer lacks", .always,
        replies: fields.map { call.changed($0.path, to: nil) }),
      call.fault(
        "each member of another type", status: 65, says: "in the answer is of the wrong type",
        .always, replies: fields.map { call.changed($0.path, to: $0.wrong) }),
      call.fault(
        "each member a list or an object", status: 65, says: "the answer", .always,
        replies: fields.flatMap { field in
          ["[]", "{}"].map { call.changed(field.path, to: $0) }
        }),
    ]
    if call.number.last == "port" {
      rows.append(
        call.fault(
          "a port that is none", status: 65, says: "the answer", .always,
          replies: [
            "0", "-1", "65536", "99999999999999999999", "1e308", "1e400", "22.5",
            "-9223372036854775809",
          ].map { call.changed(call.number, to: $0) }))
    }
    if call.number.last == "retry_after_ms" {
      rows += [
        call.fault(
          "a pause of 2^63 ms", status: 75, says: "not awake in time", within: Fault.atDeadline,
          .always,
          reply: call.changed(call.number, to: "9223372036854775807")),
        call.fault(
          "a pause that is negative or 0", status: 0, .once,
          replies: ["-1", "0", "-9223372036854775808"].map { pause in
            { provider, request in
              Reply(
                200,
                JSONText.replacing(
                  call.number, in: provider.normal(.dedalusCreate, request).body, by: pause))
            }
          }),
      ]
    }
    return rows
  }
}
