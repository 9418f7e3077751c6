internal import Grammar

/// What others write as JSON (RFC 8259).
public enum JSONValue: Sendable, Equatable {
  case string(String)
  /// A number that fits an `Int` and is written as one.
  case integer(Int)
  /// Any other number; infinite where it is beyond every `Double`.
  case number(Double)
  case boolean(Bool)
  case array([JSONValue])
  /// Where a name stands twice, the first counts.
  case object([String: JSONValue])
  case null

  /// The bounds of one text. It is at most as long as the limit of whoever reads it.
  public enum Limit {
    /// How deep objects and lists may stand in each other.
    public static let depth = 32
    /// How many values there may be, small and large.
    public static let values = 20_000
    /// How long a name may be, in bytes; no name of interest comes near, and a longer one is left out.
    public static let name = 256
  }

  /// Why a text is refused.
  public enum Problem: Error, Equatable {
    case notJSON, tooDeep, tooMany

    /// The end of a sentence that begins with the text's name.
    public var words: String {
      switch self {
      case .notJSON: "is not JSON"
      case .tooDeep: "is nested more than \(Limit.depth) levels deep"
      case .tooMany: "has more than \(Limit.values) values"
      }
    }
  }

  /// The member of an object; `nil` where there is none, and for what is no object.
  public subscript(name: String) -> JSONValue? {
    if case .object(let fields) = self { fields[name] } else { nil }
  }

  /// The text, where it is one.
  public var text: String? {
    if case .string(let text) = self { text } else { nil }
  }

  /// The number, if it is a whole one that fits.
  public var int: Int? {
    switch self {
    case .integer(let number): number
    case .number(let number): Int(exactly: number)
    default: nil
    }
  }

  /// The number, also where it is written as a text; `nil` where it is none or infinite.
  public var double: Double? {
    let number: Double? =
      switch self {
      case .integer(let number): Double(number)
      case .number(let number): number
      case .string(let text): Double(text)
      default: nil
      }
    return number.flatMap { $0.isFinite ? $0 : nil }
  }

  /// Whether it is a number, of whatever size.
  public var isNumber: Bool {
    switch self {
    case .integer, .number: true
    default: false
    }
  }

  /// The number, rounded towards zero and put between the bounds.
  public func int(in range: ClosedRange<Int>) -> Int? {
    switch self {
    case .integer(let number): min(max(number, range.lowerBound), range.upperBound)
    case .number(let number):
      // A Double beyond every Int is beyond the bounds, too.
      Int(exactly: number.rounded(.towardZero)).map {
        min(max($0, range.lowerBound), range.upperBound)
      } ?? (number < 0 ? range.lowerBound : range.upperBound)
    default: nil
    }
  }

  /// The truth value, where it is one.
  public var flag: Bool? {
    if case .boolean(let flag) = self { flag } else { nil }
  }

  /// The elements; none of what is no array.
  public var list: [JSONValue] {
    if case .array(let list) = self { list } else { [] }
  }
}

extension JSONValue {
  /// Reads a whole text, once. What it costs grows with its length alone, and it ends at the first thing
  /// that is wrong or too much.
  /// - Parameter secrets: struck out of every string, once its escapes are resolved.
  public init(_ bytes: [UInt8], without secrets: Secrets? = nil) throws(Problem) {
    var parser = JSONParser(bytes, secrets)
    self = try parser.whole()
  }
}

private struct JSONParser {
  private let bytes: [UInt8]
  private let secrets: Secrets?
  private var place = 0
  private var count = 0

  init(_ bytes: [UInt8], _ secrets: Secrets?) {
    self.bytes = bytes
    self.secrets = secrets
  }

  mutating func whole() throws(JSONValue.Problem) -> JSONValue {
    // RFC 8259, section 8.1, allows a reader to ignore a byte order mark.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { place = 3 }
    let result = try value(depth: 0)
    guard next() == nil else { throw .notJSON }
    return result
  }

  /// The first byte that is no space, which is not taken.
  private mutating func next() -> UInt8? {
    while place < bytes.count {
      let byte = bytes[place]
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
      place += 1
    }
    return nil
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard next() == byte else { return false }
    place += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONValue.Problem) -> JSONValue {
    count += 1
    guard count <= JSONValue.Limit.values else { throw .tooMany }
    switch next() {
    case UInt8(ascii: "{"): return .object(try members(depth: depth + 1))
    case UInt8(ascii: "["): return .array(try elements(depth: depth + 1))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    default: return try number()
    }
  }

  private mutating func word(
    _ word: String, _ value: JSONValue
  ) throws(JSONValue.Problem) -> JSONValue {
    guard bytes[place...].starts(with: word.utf8) else { throw .notJSON }
    place += word.utf8.count
    return value
  }

  private mutating func elements(depth: Int) throws(JSONValue.Problem) -> [JSONValue] {
    guard depth <= JSONValue.Limit.depth else { throw .tooDeep }
    place += 1
    var result: [JSONValue] = []
    if take(UInt8(ascii: "]")) { return result }
    repeat { result.append(try value(depth: depth)) } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "]")) else { throw .notJSON }
    return result
  }

  private mutating func members(depth: Int) throws(JSONValue.Problem) -> [String: JSONValue] {
    guard depth <= JSONValue.Limit.depth else { throw .tooDeep }
    place += 1
    var result: [String: JSONValue] = [:]
    if take(UInt8(ascii: "}")) { return result }
    repeat {
      guard next() == UInt8(ascii: "\"") else { throw .notJSON }
      let name = try string()
      guard take(UInt8(ascii: ":")) else { throw .notJSON }
      let found = try value(depth: depth)
      if name.utf8.count <= JSONValue.Limit.name, result[name] == nil { result[name] = found }
    } while take(UInt8(ascii: ","))
    guard take(UInt8(ascii: "}")) else { throw .notJSON }
    return result
  }

  /// RFC 8259, section 6.
  private mutating func number() throws(JSONValue.Problem) -> JSONValue {
    let start = place
    var isWhole = true
    if peek() == UInt8(ascii: "-") { place += 1 }
    let first = peek()
    guard digits() > 0, first != UInt8(ascii: "0") || lastDigits == 1 else { throw .notJSON }
    if peek() == UInt8(ascii: ".") {
      isWhole = false
      place += 1
      guard digits() > 0 else { throw .notJSON }
    }
    if let mark = peek(), mark | 0x20 == UInt8(ascii: "e") {
      isWhole = false
      place += 1
      if let sign = peek(), sign == UInt8(ascii: "+") || sign == UInt8(ascii: "-") { place += 1 }
      guard digits() > 0 else { throw .notJSON }
    }
    // No number that anybody means is longer, and reading one can take more than its length.
    guard place - start <= 64 else { return .number(.infinity) }
    let text = String(decoding: bytes[start..<place], as: UTF8.self)
    if isWhole, let integer = Int(text) { return .integer(integer) }
    return .number(Double(text) ?? .infinity)
  }

  private var lastDigits = 0

  private mutating func digits() -> Int {
    let start = place
    while let byte = peek(), byte.isDigit { place += 1 }
    lastDigits = place - start
    return lastDigits
  }

  private func peek() -> UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func string() throws(JSONValue.Problem) -> String {
    place += 1
    var content: [UInt8] = []
    var start = place
    while let byte = peek() {
      switch byte {
      case UInt8(ascii: "\""):
        content += bytes[start..<place]
        place += 1
        secrets?.strike(&content)
        guard let text = String(validating: content, as: UTF8.self) else { throw .notJSON }
        return text
      case UInt8(ascii: "\\"):
        content += bytes[start..<place]
        place += 1
        try escape(&content)
        start = place
      case 0..<0x20: throw .notJSON
      default: place += 1
      }
    }
    throw .notJSON
  }

  /// RFC 8259, section 7.
  private mutating func escape(_ content: inout [UInt8]) throws(JSONValue.Problem) {
    guard let byte = peek() else { throw .notJSON }
    place += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): content.append(byte)
    case UInt8(ascii: "b"): content.append(0x08)
    case UInt8(ascii: "f"): content.append(0x0c)
    case UInt8(ascii: "n"): content.append(0x0a)
    case UInt8(ascii: "r"): content.append(0x0d)
    case UInt8(ascii: "t"): content.append(0x09)
    case UInt8(ascii: "u"):
      var code = try hex()
      if (0xd800...0xdbff).contains(code) {
        guard peek() == UInt8(ascii: "\\") else { throw .notJSON }
        place += 1
        guard peek() == UInt8(ascii: "u") else { throw .notJSON }
        place += 1
        let low = try hex()
        guard (0xdc00...0xdfff).contains(low) else { throw .notJSON }
        code = 0x10000 + (code - 0xd800) << 10 + (low - 0xdc00)
      }
      guard let scalar = Unicode.Scalar(code) else { throw .notJSON }
      content += Array(UTF8.encode(scalar) ?? .init())
    default: throw .notJSON
    }
  }

  private mutating func hex() throws(JSONValue.Problem) -> UInt32 {
    guard place + 4 <= bytes.count else { throw .notJSON }
    var code: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[place])).hexDigitValue else {
        throw .notJSON
      }
      code = code << 4 | UInt32(digit)
      place += 1
    }
    return code
  }
}
