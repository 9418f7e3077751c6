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
      Int(max(Double(range.lowerBound), min(number, Double(range.upperBound))))
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
