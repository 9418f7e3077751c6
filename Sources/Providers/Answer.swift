package import Configuration
package import SystemIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An object in an answer, whose members are read by name. All readers throw `.invalidResponse`, naming the
/// member that is missing or of another type.
package struct Answer {
  private let members: [String: JSONValue]
  /// The names on the way to this object, each with a dot behind it.
  private let place: String
  let step: String

  /// - Throws: also for a text that is not JSON, is beyond the bounds of `JSONValue`, or is no object.
  package init(_ json: Result<JSONValue, JSONValue.Problem>, step: String) throws(Failure) {
    guard case .object(let members) = try Self.value(json, step: step) else {
      throw Failure(.invalidResponse, step: step, "the answer is not a JSON object")
    }
    self.init(members, "", step)
  }

  /// The whole of it, whatever it is.
  /// - Throws: for a text that is not JSON, or is beyond the bounds of `JSONValue`.
  static func value(
    _ json: Result<JSONValue, JSONValue.Problem>, step: String
  ) throws(Failure) -> JSONValue {
    do throws(JSONValue.Problem) {
      return try json.get()
    } catch {
      throw Failure(.invalidResponse, step: step, "the answer \(error.words)")
    }
  }

  private init(_ members: [String: JSONValue], _ place: String, _ step: String) {
    self.members = members
    self.place = place
    self.step = step
  }

  /// A text that has to be there.
  package func text(_ name: String) throws(Failure) -> String { try required(name, \.text) }
  /// `nil` for `null` or where it is missing.
  package func textIfAny(_ name: String) throws(Failure) -> String? { try optional(name, \.text) }
  /// What the next page of a list is asked by; `nil` after the last.
  func cursor(_ name: String) throws(Failure) -> String? {
    guard let text = try textIfAny(name), !text.isEmpty else { return nil }
    return try Validator(step: step).token(text, field: name)
  }

  /// A truth value that has to be there.
  package func flag(_ name: String) throws(Failure) -> Bool { try required(name, \.flag) }

  /// A whole number that has to be there.
  package func int(_ name: String) throws(Failure) -> Int {
    try required(name) { $0.isNumber ? $0 : nil }
    guard let number = members[name]?.int else {
      throw Failure(
        .invalidResponse, step: step,
        "\(quoted(name)) in the answer is not a whole number, or too large")
    }
    return number
  }

  /// As `int`; `nil` for `null` or where it is missing.
  func intIfAny(_ name: String) throws(Failure) -> Int? {
    try optional(name) { $0 } == nil ? nil : try int(name)
  }

  /// A whole number of which nothing depends; `nil` also for a number that no Int is.
  package func intIfItFits(_ name: String) throws(Failure) -> Int? {
    try optional(name) { $0.isNumber ? $0 : nil }?.int
  }

  /// A number: a price. One that is written as a text counts, too.
  package func numberIfAny(_ name: String) throws(Failure) -> Double? {
    try optional(name) { $0.isNumber || $0.text != nil ? $0 : nil }?.double
  }

  /// How long anybody may have us wait, in milliseconds: up to a day.
  static let waits = 0...86_400_000

  /// A time to wait, put between its bounds.
  func millisecondsIfAny(_ name: String) throws(Failure) -> Int? {
    try optional(name) { $0.int(in: Self.waits) }
  }

  /// An object that has to be there.
  package func object(_ name: String) throws(Failure) -> Answer {
    Answer(try required(name, Self.members), "\(place)\(name).", step)
  }

  /// `nil` for `null` or where it is missing.
  func objectIfAny(_ name: String) throws(Failure) -> Answer? {
    try optional(name, Self.members).map { Answer($0, "\(place)\(name).", step) }
  }

  /// A list of objects.
  package func objects(_ name: String) throws(Failure) -> [Answer] {
    let list = try required(name) { value -> [JSONValue]? in
      if case .array(let list) = value { list } else { nil }
    }
    return try list.enumerated().map { (index, value) throws(Failure) in
      guard let found = Self.members(value) else { throw wrong("\(name).\(index)") }
      return Answer(found, "\(place)\(name).\(index).", step)
    }
  }

  /// `nil` for `null` or where it is missing.
  func objectsIfAny(_ name: String) throws(Failure) -> [Answer]? {
    try optional(name) { $0 } == nil ? nil : try objects(name)
  }

  /// A list of texts, of which there may be so many.
  package func texts(_ name: String, most: Int) throws(Failure) -> [String] {
    let list = try required(name) { value -> [JSONValue]? in
      if case .array(let list) = value, list.count <= most { list } else { nil }
    }
    return try list.enumerated().map { (index, value) throws(Failure) in
      guard let text = value.text else { throw wrong("\(name).\(index)") }
      return text
    }
  }

  /// A text, or a list of such; each may be `null`.
  func textsIfAny(_ name: String, most: Int) throws(Failure) -> [String?]? {
    guard let value = try optional(name, { $0 }) else { return nil }
    if let text = value.text { return [text] }
    guard case .array(let list) = value, list.count <= most else { throw wrong(name) }
    return try list.enumerated().map { (index, value) throws(Failure) in
      guard value == .null || value.text != nil else { throw wrong("\(name).\(index)") }
      return value.text
    }
  }

  private static func members(_ value: JSONValue) -> [String: JSONValue]? {
    if case .object(let members) = value { members } else { nil }
  }

  @discardableResult
  private func required<Value>(
    _ name: String, _ read: (JSONValue) -> Value?
  ) throws(Failure) -> Value {
    guard let value = members[name] else {
      throw Validator(step: step).lacking(place + name)
    }
    guard let found = read(value) else { throw wrong(name) }
    return found
  }

  /// - Returns: `nil` for `null` too.
  private func optional<Value>(
    _ name: String, _ read: (JSONValue) -> Value?
  ) throws(Failure) -> Value? {
    guard let value = members[name], value != .null else { return nil }
    guard let found = read(value) else { throw wrong(name) }
    return found
  }

  private func wrong(_ name: String) -> Failure {
    Failure(.invalidResponse, step: step, "\(quoted(name)) in the answer is of the wrong type")
  }

  private func quoted(_ name: String) -> String { "\"\(place)\(name)\"" }
}

extension Answer {
  /// The session that an answer names, whatever else of it cannot be used.
  static func sessionID(_ json: Result<JSONValue, JSONValue.Problem>) -> String? {
    (try? Answer(json, step: ""))?.sessionID
  }

  /// The session that an object names, whatever else of it cannot be used.
  var sessionID: String? {
    guard let id = members["session_id"]?.text, Grammar.isSessionID(id) else { return nil }
    return id
  }

  /// The time of an RFC 3339 text, in Unix seconds. Without a zone it is UTC.
  /// - Throws: `.invalidResponse`.
  package static func time(_ text: String, field: String, step: String) throws(Failure) -> Int64 {
    guard let seconds = Timestamp.seconds(text), seconds > 0 else {
      throw Validator(step: step).invalidResponse(field, "a time")
    }
    return seconds
  }

  /// The JSON of a request.
  static func encode(_ fields: [String: JSONField]) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(fields)).map(Array.init) ?? []
  }
}

/// The value of a field in a request.
enum JSONField: Encodable {
  case text(String)
  case number(Int)

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .text(let text): try container.encode(text)
    case .number(let number): try container.encode(number)
    }
  }
}
