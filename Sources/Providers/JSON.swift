import FoundationEssentials
import OpenSSH
import SystemIO

/// Any JSON value, for answers whose shape is not known beforehand: errors.
indirect enum JSONValue: Decodable {
  case string(String)
  case number(Double)
  case boolean(Bool)
  case array([JSONValue])
  case object([String: JSONValue])
  case null

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let text = try? container.decode(String.self) {
      self = .string(text)
    } else if let flag = try? container.decode(Bool.self) {
      self = .boolean(flag)
    } else if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let list = try? container.decode([JSONValue].self) {
      self = .array(list)
    } else if let fields = try? container.decode([String: JSONValue].self) {
      self = .object(fields)
    } else {
      self = .null
    }
  }

  subscript(name: String) -> JSONValue? {
    if case .object(let fields) = self { fields[name] } else { nil }
  }

  var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  var number: Double? {
    if case .number(let number) = self { number } else { nil }
  }

  var flag: Bool? {
    if case .boolean(let flag) = self { flag } else { nil }
  }

  var list: [JSONValue] {
    if case .array(let list) = self { list } else { [] }
  }

  init?(_ bytes: [UInt8]) {
    guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(bytes)) else {
      return nil
    }
    self = value
  }
}

enum Answer {
  /// Reads an answer of a known shape; its `snake_case` names are properties in camel case here.
  /// - Throws: `.nonsense`, naming the field that is missing or of another type.
  static func decode<Shape: Decodable>(
    _ bytes: [UInt8], as shape: Shape.Type, step: String
  ) throws(Failure) -> Shape {
    do {
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode(shape, from: Data(bytes))
    } catch let error as DecodingError {
      throw Failure(.nonsense, step: step, problem(error, in: bytes))
    } catch {
      throw Failure(.nonsense, step: step, "the answer is not JSON")
    }
  }

  /// The session that an answer names, whatever else of it cannot be used.
  static func sessionID(_ bytes: [UInt8]) -> String? {
    guard let id = JSONValue(bytes)?["session_id"]?.text, Grammar.isSessionID(id) else {
      return nil
    }
    return id
  }

  private static func problem(_ error: DecodingError, in bytes: [UInt8]) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "the answer lacks \(path(context.codingPath + [key]))"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      guard !context.codingPath.isEmpty else { return "the answer is not a JSON object" }
      return "\(path(context.codingPath)) in the answer is of the wrong type"
    case .dataCorrupted(let context):
      guard !context.codingPath.isEmpty else {
        // A number that does not fit is told without its place.
        return JSONValue(bytes) == nil
          ? "the answer is not JSON" : "a number in the answer is not a whole one, or too large"
      }
      return "\(path(context.codingPath)) in the answer makes no sense"
    @unknown default:
      return "the answer is not JSON"
    }
  }

  private static func path(_ keys: [any CodingKey]) -> String {
    let names = keys.map { $0.intValue.map(String.init) ?? fieldName($0.stringValue) }
    return "\"\(names.joined(separator: "."))\""
  }

  /// The name in the answer of a property here.
  private static func fieldName(_ property: String) -> String {
    property.reduce(into: "") { name, letter in
      name += letter.isUppercase ? "_\(letter.lowercased())" : String(letter)
    }
  }

  /// The time that an RFC 3339 text names, in Unix seconds; a text without a zone is UTC.
  static func time(_ text: String, field: String, step: String) throws(Failure) -> Int64 {
    guard let seconds = Timestamp.seconds(text), seconds > 0 else {
      throw Failure(.nonsense, step: step, "\"\(field)\" in the answer is not a time")
    }
    return seconds
  }

  static func encode(_ fields: [String: JSONField]) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return (try? encoder.encode(fields)).map(Array.init) ?? []
  }
}

/// A value of a request.
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
