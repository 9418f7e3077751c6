import FoundationEssentials
import OpenSSH
import SystemIO

/// The JSON of requests and of answers whose shape is known.
enum Answer {
  /// Decodes an answer. Its `snake_case` names become camel-case properties.
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

  /// The answer's name for a property.
  private static func fieldName(_ property: String) -> String {
    property.reduce(into: "") { name, letter in
      name += letter.isUppercase ? "_\(letter.lowercased())" : String(letter)
    }
  }

  /// The time of an RFC 3339 text, in Unix seconds. Without a zone it is UTC.
  /// - Throws: `.nonsense`.
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
