import Foundation

/// A JSON value, as the requests hold it and the answers are built of.
enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// - Throws: whatever `JSONDecoder` throws when the bytes are not JSON.
  init(parsing data: Data) throws {
    self = try JSONDecoder().decode(JSON.self, from: data)
  }

  /// The compact text of the value, its keys in order.
  var text: String {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(self) else { return "null" }
    return String(decoding: data, as: UTF8.self)
  }

  var object: [String: JSON]? {
    if case .object(let members) = self { members } else { nil }
  }

  var array: [JSON]? {
    if case .array(let items) = self { items } else { nil }
  }

  var string: String? {
    if case .string(let text) = self { text } else { nil }
  }

  var integer: Int? {
    if case .integer(let value) = self { value } else { nil }
  }

  var bool: Bool? {
    if case .bool(let value) = self { value } else { nil }
  }

  var strings: [String]? { array?.compactMap(\.string) }

  subscript(name: String) -> JSON? { object?[name] }
}

extension JSON: Codable {
  init(from decoder: any Decoder) throws {
    let box = try decoder.singleValueContainer()
    if box.decodeNil() {
      self = .null
    } else if let value = try? box.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? box.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? box.decode(Double.self) {
      self = .number(value)
    } else if let value = try? box.decode(String.self) {
      self = .string(value)
    } else if let value = try? box.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try box.decode([String: JSON].self))
    }
  }

  func encode(to encoder: any Encoder) throws {
    var box = encoder.singleValueContainer()
    switch self {
    case .null: try box.encodeNil()
    case .bool(let value): try box.encode(value)
    case .integer(let value): try box.encode(value)
    case .number(let value): try box.encode(value)
    case .string(let value): try box.encode(value)
    case .array(let value): try box.encode(value)
    case .object(let value): try box.encode(value)
    }
  }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByStringInterpolation,
  ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
  init(stringLiteral value: String) { self = .string(value) }
  init(integerLiteral value: Int) { self = .integer(value) }
  init(booleanLiteral value: Bool) { self = .bool(value) }
  init(arrayLiteral elements: JSON...) { self = .array(elements) }
  init(nilLiteral: ()) { self = .null }
  init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements, uniquingKeysWith: { _, last in last }))
  }
}

extension JSON {
  /// The value with the member at `path` (`connection.port`, `data.0.status`) replaced, or removed
  /// by `nil`.
  func replacing(_ path: some Collection<Substring>, by value: JSON?) -> JSON {
    guard let name = path.first else { return value ?? .null }
    if var items = array, let index = Int(name), items.indices.contains(index) {
      if path.count == 1, value == nil {
        items.remove(at: index)
      } else {
        items[index] = items[index].replacing(path.dropFirst(), by: value)
      }
      return .array(items)
    }
    var members = object ?? [:]
    if path.count == 1 {
      members[String(name)] = value
    } else {
      let inner = members[String(name)] ?? .object([:])
      members[String(name)] = inner.replacing(path.dropFirst(), by: value)
    }
    return .object(members)
  }
}
