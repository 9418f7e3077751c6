import Foundation

/// A fault that the scenario asks for: what is done to requests whose method and path match.
struct Fault: Sendable {
  var method: String?
  var path: String
  /// How often it is still used; below 0 for ever.
  var times: Int
  /// Answered instead of the normal answer.
  var status: Int?
  var headers: [String: String]
  var contentType: String?
  var body: String?
  var delay: Duration
  /// The request takes effect although its answer is replaced: an answer lost on its way.
  var carriesOut: Bool
  var replacements: [String: JSON]
  var removals: [String]
  /// The connection is closed after so many bytes of the body.
  var cutAfter: Int?
  /// The body comes byte by byte with such a pause.
  var drip: Duration?

  static let names: Set<String> = [
    "method", "path", "times", "status", "headers", "content_type", "body", "delay_ms",
    "carry_out", "replace_fields", "remove_fields", "cut_after", "drip_ms",
  ]

  /// - Throws: `Misuse` naming what cannot be used.
  init(_ value: JSON) throws {
    guard let members = value.object else { throw Misuse("a fault is an object") }
    if let unknown = members.keys.first(where: { !Self.names.contains($0) }) {
      throw Misuse("a fault has no member \(unknown)")
    }
    method = members["method"]?.string
    path = members["path"]?.string ?? "."
    guard (try? NSRegularExpression(pattern: path)) != nil else {
      throw Misuse("path is not a regular expression: \(path)")
    }
    times = members["times"]?.integer ?? 1
    status = members["status"]?.integer
    headers = (members["headers"]?.object ?? [:]).compactMapValues(\.string)
    contentType = members["content_type"]?.string
    body = members["body"]?.string
    delay = .milliseconds(members["delay_ms"]?.integer ?? 0)
    carriesOut = members["carry_out"]?.bool ?? false
    replacements = members["replace_fields"]?.object ?? [:]
    removals = members["remove_fields"]?.strings ?? []
    cutAfter = members["cut_after"]?.integer
    drip = members["drip_ms"]?.integer.map { .milliseconds($0) }
  }

  func matches(_ request: Incoming) -> Bool {
    times != 0 && (method == nil || method == request.method)
      && request.path.range(of: path, options: .regularExpression) != nil
  }

  /// Whether the normal answer is not wanted at all.
  var replacesAnswer: Bool { status != nil || body != nil }

  func spoiled(_ normal: Answer?) -> Answer {
    var answer = normal ?? Answer(status ?? 200, text: "", contentType: "application/json")
    if replacesAnswer {
      answer = Answer(
        status ?? 200, text: body ?? "", contentType: contentType ?? "application/json")
    } else if let json = answer.json {
      var changed = json
      for (path, value) in replacements {
        changed = changed.replacing(path.split(separator: "."), by: value)
      }
      for path in removals {
        changed = changed.replacing(path.split(separator: "."), by: nil)
      }
      answer.json = changed
    }
    if let contentType { answer.contentType = contentType }
    answer.headers.merge(headers) { _, fault in fault }
    return answer
  }
}

/// A word to the simulator that cannot be used, as a clause for a person.
struct Misuse: Error, CustomStringConvertible {
  var description: String
  init(_ description: String) { self.description = description }
}
