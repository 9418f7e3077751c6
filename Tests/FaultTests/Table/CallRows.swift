import Foundation
import TestSupport

extension FaultTable {
  /// Each call × each way in which an answer can be spoiled.
  static let calls = CallCase.all.flatMap { call in
    broken(call) + slow(call) + refused(call) + retried(call) + invalidResponse(call)
  }

  /// Broken on the way.
  private static func broken(_ call: CallCase) -> [Fault] {
    // Prime's create may have been carried out, so it is not made again.
    let status: Int32 = call.isRepeatable ? 0 : 69
    let words = call.isRepeatable ? "" : "may have carried it out"
    let ends = Array(stride(from: 0, to: 400, by: 16))
    return [
      call.fault(
        "reset at every 16th byte of the answer, once", status: status, says: words,
        within: Fault.atOnce,
        .once, replies: ends.map { call.manner(.reset($0), .once) }),
      call.fault(
        "cut short at every 16th byte of the answer, once", status: status, says: words,
        within: Fault.atOnce,
        .once, replies: ends.map { call.manner(.cut($0), .once) }),
      call.fault(
        "reset before the answer, for ever", status: call.isRepeatable ? 75 : 69,
        says: call.isRepeatable ? "the deadline is over" : words,
        left: call.isRepeatable ? call.atDeadline : .nothing, within: Fault.atDeadline, .always,
        reply: call.manner(.reset(0), .always)),
      call.fault(
        "a chunked answer cut short, once", status: status, says: words, within: Fault.atOnce,
        .once,
        reply: { _, _ in
          Reply(
            raw: "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{\"session_id\":")
        }),
    ]
  }

  private static func slow(_ call: CallCase) -> [Fault] {
    [
      call.fault(
        "a slow drip that ends in time", status: 0, within: Fault.atDeadline, .once,
        reply: call.manner(.drip(5), .once)),
      call.fault(
        "a slow drip past the deadline", status: 75, left: call.atDeadline,
        within: Fault.atDeadline, .always,
        reply: call.manner(.drip(500), .always)),
      call.fault(
        "silence until the deadline", status: 75, left: call.atDeadline, within: Fault.atDeadline,
        .always,
        reply: call.manner(.silent, .always)),
    ].map { row in
      guard row.status == 75 else { return row }
      return row.saying(call.isRepeatable ? "the deadline is over" : "may have carried it out")
    }
  }

  /// Final at once.
  private static func refused(_ call: CallCase) -> [Fault] {
    let body = #"{"detail":"the words of the provider"}"#
    func answer(_ status: Int, _ headers: [String] = []) -> CallCase.MakeReply {
      { _, _ in Reply(status, body, headers: headers) }
    }
    return [
      call.fault(
        "401", status: 77, says: "refuses the key (HTTP 401)", .always, reply: answer(401)),
      call.fault(
        "403", status: 77, says: "refuses the key (HTTP 403)", .always, reply: answer(403)),
      call.fault("404", status: 68, says: "knows no such machine", .always, reply: answer(404)),
      call.fault(
        "400, 402, 405, 409 and 418", status: 69, says: "the words of the provider", .always,
        replies: [400, 402, 405, 409, 418].map { answer($0) }),
      call.fault(
        "a redirect, which is not followed", status: 65, says: "redirects", .always,
        replies: [301, 302, 307, 308].map { answer($0, ["Location: http://127.0.0.1:1/"]) }),
      call.fault(
        "429 with Retry-After beyond the deadline", status: 75, says: "wait 3600 s",
        left: call.call == .dedalusPoll ? call.atDeadline : nil, .always,
        reply: answer(429, ["Retry-After: 3600"])),
      call.fault(
        "503 that says retryable: false", status: 69, says: "has a fault (HTTP 503)", .always,
        reply: { _, _ in Reply(503, #"{"message":"no","retryable":false}"#) }),
    ]
  }

  /// Worth another try, where one is allowed.
  private static func retried(_ call: CallCase) -> [Fault] {
    func answer(_ status: Int, _ headers: [String] = []) -> CallCase.MakeReply {
      { _, _ in Reply(status, "", type: "text/plain", headers: headers) }
    }
    let twice = [500, 502, 503, 504].map { answer($0) }
    var rows = [
      call.fault(
        "429 with Retry-After: 1, once", status: 0, within: 3.5, .once,
        reply: answer(429, ["Retry-After: 1"])),
      call.fault("429 without Retry-After, once", status: 0, .once, reply: answer(429)),
      call.fault(
        "503 with Retry-After: 1, once", status: 0, within: 3.5, .once,
        reply: answer(503, ["Retry-After: 1"])),
      call.fault(
        "503 with Retry-After: 0, once", status: 0, .once, reply: answer(503, ["Retry-After: 0"])),
      call.fault(
        "429 for ever", status: 75, says: "asks to come again later", left: call.atDeadline,
        within: Fault.atDeadline, .always, reply: answer(429)),
    ]
    if call.isRepeatable {
      rows += [
        call.fault("500, 502, 503 and 504, once", status: 0, .once, replies: twice),
        call.fault(
          "408 and 425, once", status: 0, .once, replies: [answer(408), answer(425)]),
        call.fault(
          "500 for ever", status: 75, says: "has a fault (HTTP 500)", left: call.atDeadline,
          within: Fault.atDeadline, .always, reply: answer(500)),
        call.fault(
          "503 with a Retry-After that is none, once", status: 0, within: 3.5, .once,
          replies: ["soon", "-5", "1e9", "99999999999999999999"].map {
            answer(503, ["Retry-After: \($0)"])
          }),
      ]
    } else {
      rows += [
        call.fault(
          "500, 502, 503 without Retry-After, 504", status: 75, says: "has a fault", .once,
          replies: twice),
        call.fault(
          "408 and 425", status: 75, says: "asks to come again later", .once,
          replies: [answer(408), answer(425)]),
      ]
    }
    return rows
  }
}
