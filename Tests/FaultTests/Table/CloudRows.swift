import Foundation
import TestSupport

extension FaultTable {
  /// What each cloud that is asked for a machine can answer beside the machine's place.
  static let clouds = CallCase.clouds.flatMap { call in
    guard let cloud = CloudAnswer.all[call.call] else { return [Fault]() }
    return refused(call) + read(call, cloud) + states(call, cloud)
  }

  private static func refused(_ call: CallCase) -> [Fault] {
    let body = #"{"error":{"code":"c-1","message":"the words of the provider"}}"#
    func answer(_ status: Int, _ body: String = body, _ headers: [String] = [])
      -> CallCase.MakeReply
    {
      { _, _ in Reply(status, body, headers: headers) }
    }
    return [
      call.fault(
        "401 and 403", status: 77, says: "refuses the key (HTTP 40", .always,
        replies: [401, 403].map { answer($0) }),
      call.fault("404", status: 68, says: "knows no such machine", .always, reply: answer(404)),
      call.fault(
        "400 and 422, in each form of an error", status: 69, says: "the words of the provider",
        .always,
        replies: [
          answer(400),
          answer(422, #"{"success":false,"error":"x","msg":"the words of the provider"}"#),
          answer(400, #"{"error":"the words of the provider","error_code":"x"}"#),
          answer(422, #"{"title":"x","detail":"the words of the provider"}"#),
        ]),
      call.fault(
        "a redirect, which is not followed", status: 65, says: "redirects", .always,
        reply: answer(302, "", ["Location: http://127.0.0.1:1/"])),
      call.fault(
        "429 with Retry-After beyond the deadline", status: 75, says: "wait 3600 s", .always,
        reply: answer(429, body, ["Retry-After: 3600"])),
      call.fault(
        "429 and 503, once", status: 0, .once, replies: [429, 503].map { answer($0, "") }),
      call.fault(
        "reset and cut short at every 16th byte of the answer, once", status: 0, .once,
        replies: stride(from: 0, to: 200, by: 16).flatMap {
          [call.manner(.reset($0), .once), call.manner(.cut($0), .once)]
        }),
    ]
  }

  private static func read(_ call: CallCase, _ cloud: CloudAnswer) -> [Fault] {
    let places = [cloud.id, cloud.state, cloud.host, cloud.port, cloud.user].compactMap { $0 }
    var rows = [
      call.fault(
        "what is no object of JSON", status: 65, says: "the answer", .always,
        replies: ["<html>", "", "null", "17", "[]", "{}", #"{"data":17}"#].map { body in
          { _, _ in Reply(200, body) }
        }),
      call.fault(
        "each member true or an object", status: 65, says: "of the wrong type", .always,
        replies: places.flatMap { place in
          ["true", "{}"].map { call.changed(place, to: $0) }
        }),
      call.fault(
        "another machine's answer", status: 65, says: "the answer is about another machine, 18",
        .always,
        reply: call.changed(cloud.id, to: call.call == .vastAsk ? "18" : #""18""#)),
    ]
    if let port = cloud.port {
      rows.append(
        call.fault(
          "a port that is none", status: 65, says: "the answer", .always,
          replies: ["0", "-1", "65536", "99999999999999999999", "1e400", "22.5"].map {
            call.changed(port, to: $0)
          }))
    }
    return rows
  }

  private static func states(_ call: CallCase, _ cloud: CloudAnswer) -> [Fault] {
    let empty = [cloud.host, cloud.port, cloud.user].compactMap { $0 }
    return [
      call.fault(
        "null where its place belongs, once", status: 0, within: 3.5, .once,
        replies: ([cloud.state] + empty).map { call.changed($0, to: "null") }),
      call.fault(
        "null for its address for ever", status: 75, says: "but has no address",
        within: Fault.atDeadline, .always, reply: call.changed(cloud.host, to: "null")),
      call.fault(
        "a state that nobody knows, for ever", status: 75, says: "\"dreaming\", which is unknown",
        within: Fault.atDeadline, .always, reply: call.changed(cloud.state, to: #""dreaming""#)),
      call.fault(
        "a state that does not pass", status: 69,
        says: "says that the machine is \(cloud.gone)", .always,
        reply: call.changed(cloud.state, to: "\"\(cloud.gone)\"")),
    ]
  }
}
