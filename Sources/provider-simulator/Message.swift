import Foundation

/// One request, as it came over the wire.
struct Incoming: Sendable {
  var method: String
  /// Percent-encoded, nothing folded.
  var path: String
  var query: [(name: String, value: String)]
  /// By lower-case name.
  var headers: [String: String]
  var body: Data

  /// The path's segments, decoded each: an encoded slash stays inside its segment.
  var segments: [String] {
    path.split(separator: "/", omittingEmptySubsequences: false).dropFirst()
      .map { $0.removingPercentEncoding ?? String($0) }
  }

  var bearer: String? {
    guard let value = headers["authorization"], value.hasPrefix("Bearer ") else { return nil }
    return String(value.dropFirst("Bearer ".count))
  }

  func parameter(_ name: String) -> String? {
    query.first { $0.name == name }?.value
  }

  /// The body where it is said to be JSON and is an object, else `nil`.
  var object: [String: JSON]? {
    let type = headers["content-type"] ?? ""
    guard type.split(separator: ";").first?.lowercased() == "application/json" else { return nil }
    return (try? JSON(parsing: body))?.object
  }
}

/// One answer.
struct Answer: Sendable {
  var status: Int
  var headers: [String: String] = [:]
  var contentType = "application/json"
  var json: JSON?
  /// Sent as it is where there is no `json`.
  var text = ""

  init(_ status: Int, _ json: JSON, headers: [String: String] = [:]) {
    self.status = status
    self.json = json
    self.headers = headers
  }

  init(_ status: Int, text: String, contentType: String) {
    self.status = status
    self.text = text
    self.contentType = contentType
  }

  var payload: Data { Data((json?.text ?? text).utf8) }
}

/// A request that is not carried out, and what is answered instead.
struct Refused: Error {
  var answer: Answer

  init(_ answer: Answer) { self.answer = answer }
  init(_ status: Int, _ json: JSON, headers: [String: String] = [:]) {
    answer = Answer(status, json, headers: headers)
  }
}
