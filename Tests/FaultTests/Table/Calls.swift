import Foundation
import TestSupport

/// One call of a provider's, and what holds for its failures.
struct CallCase: Sendable {
  let call: Call
  /// Whether it may be made again after it may have been carried out.
  let isRepeatable: Bool
  /// Whether the answer's body counts; a gateway says all by its status.
  let bodyMatters: Bool
  /// What stays when all is well in the end.
  let success: Left
  /// What stays when the deadline comes first: nothing is said to the provider after it.
  let atDeadline: Left

  static let all = [
    CallCase(
      call: .primeCreate, isRepeatable: false, bodyMatters: true, success: .session,
      atDeadline: .nothing),
    CallCase(
      call: .primeAuthorize, isRepeatable: true, bodyMatters: false, success: .session,
      atDeadline: Left(there: 1, isClosedPerhaps: true)),
    CallCase(
      call: .dedalusCreate, isRepeatable: true, bodyMatters: true, success: .session,
      atDeadline: .nothing),
    CallCase(
      call: .dedalusPoll, isRepeatable: true, bodyMatters: true, success: .session,
      // The machine goes on waking, and the next run takes it up.
      atDeadline: Left(there: 1)),
    CallCase(
      call: .tensorpoolAsk, isRepeatable: true, bodyMatters: true, success: Left(here: 1),
      atDeadline: .nothing),
    CallCase(
      call: .daytonaAsk, isRepeatable: true, bodyMatters: true, success: .session,
      atDeadline: .nothing),
    // Made again, it ends the token that was lost.
    CallCase(
      call: .daytonaAccess, isRepeatable: true, bodyMatters: true, success: .session,
      atDeadline: .nothing),
  ]

  /// The clouds that are asked for a machine: one type of provider makes all these calls.
  static let clouds = CloudAnswer.calls.map { call in
    CallCase(
      call: call, isRepeatable: true, bodyMatters: true, success: Left(here: 1),
      atDeadline: .nothing)
  }

  /// Which of the calls is spoiled.
  enum Times { case once, always }

  typealias MakeReply = @Sendable (ScriptedProvider, APIRequest) -> Reply

  /// A row in which this call gets an answer that is made up by `reply`.
  func fault(
    _ name: String, status: Int32, says words: String = "", left: Left? = nil,
    within: Double = Fault.atOnce, _ times: Times, reply: @escaping MakeReply
  ) -> Fault {
    fault(name, status: status, says: words, left: left, within: within, times, replies: [reply])
  }

  /// The same for several answers, a run each.
  func fault(
    _ name: String, status: Int32, says words: String = "", left: Left? = nil,
    within: Double = Fault.atOnce, _ times: Times, replies: [MakeReply]
  ) -> Fault {
    let call = call
    return Fault(
      .call, "\(call.rawValue): \(name)", status: status, says: words,
      left: left ?? (status == 0 ? success : .nothing), within: within, alias: call.alias
    ) { testHome in
      try replies.map { reply in
        testHome.wipe()
        testHome.provider.setFault {
          [unowned provider = testHome.provider] current, number, request in
          guard current == call, times == .always || number == 0 else { return nil }
          return reply(provider, request)
        }
        return try testHome.reach(call)
      }
    }
  }

  /// The normal answer, sent in another manner.
  /// - Parameter times: always means that no caller ever learns of the session.
  func manner(_ manner: Reply.Manner, _ times: Times) -> MakeReply {
    { [call] provider, request in
      // Dedalus's create is made again with the same Idempotency-Key, and finds its session.
      let isLost = !manner.isComplete && (times == .always || call == .primeCreate)
      let reply =
        isLost ? provider.unlearnt(call, request) : provider.normal(call, request)
      return reply.sent(manner)
    }
  }

  /// The normal answer's JSON with one member changed, or without it.
  func changed(_ path: [String], to value: String?) -> MakeReply {
    { [call] provider, request in
      let body = provider.unlearnt(call, request).body
      return Reply(200, JSONText.replacing(path, in: body, by: value))
    }
  }
}

extension Reply.Manner {
  /// Whether the caller gets all of it in time.
  fileprivate var isComplete: Bool {
    switch self {
    case .whole: true
    case .drip(let pause): pause < 100
    case .cut, .reset, .silent, .endless, .endlessTail: false
    }
  }
}

extension Reply {
  /// What follows the head.
  var body: String {
    let text = String(decoding: bytes, as: UTF8.self)
    return text.range(of: "\r\n\r\n").map { String(text[$0.upperBound...]) } ?? ""
  }
}

/// JSON edited as a text, so that what no encoder writes can stand in it.
enum JSONText {
  /// A character of ASCII as RFC 8259, section 7, allows to write it.
  static func escape(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16)
    return "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
  }

  /// - Parameter value: any text; `nil` removes the member.
  static func replacing(_ path: [String], in text: String, by value: String?) -> String {
    let placeholder = "c0ffee-placeholder"
    let object = try? JSONSerialization.jsonObject(with: Data(text.utf8))
    let changed = replacing(path[...], in: object ?? [:], by: value == nil ? nil : placeholder)
    let data = try? JSONSerialization.data(
      withJSONObject: changed, options: [.sortedKeys, .withoutEscapingSlashes])
    return String(decoding: data ?? Data(), as: UTF8.self)
      .replacingOccurrences(of: "\"\(placeholder)\"", with: value ?? "")
  }

  private static func replacing(
    _ path: ArraySlice<String>, in json: Any, by value: String?
  ) -> Any {
    guard let name = path.first else { return json }
    if var list = json as? [Any], let index = Int(name), list.indices.contains(index) {
      list[index] = replacing(path.dropFirst(), in: list[index], by: value)
      return list
    }
    var result = json as? [String: Any] ?? [:]
    if path.count == 1 {
      result[name] = value
    } else {
      result[name] = replacing(path.dropFirst(), in: result[name] ?? [String: Any](), by: value)
    }
    return result
  }
}
