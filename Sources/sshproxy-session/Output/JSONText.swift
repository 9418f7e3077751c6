/// What a command prints with `--json`: members in a fixed order, absent values as `null`, so that
/// the field names are always there.
indirect enum JSONText {
  case text(String)
  case number(Int64)
  /// A finite one.
  case decimal(Double)
  case flag(Bool)
  case list([JSONText])
  case object([(String, JSONText)])
  case null

  static func optional(_ text: String?) -> JSONText { text.map { .text($0) } ?? .null }

  /// A time as RFC 3339 has it, in UTC.
  static func time(_ seconds: Int64?) -> JSONText { .optional(seconds.map(TimeText.utc)) }

  /// The text, two spaces a level, without a line end.
  func rendered(indent: String = "") -> String {
    let inner = indent + "  "
    switch self {
    case .text(let text): return Self.quoted(text)
    case .number(let number): return String(number)
    case .decimal(let number): return "\(number)"
    case .flag(let flag): return flag ? "true" : "false"
    case .null: return "null"
    case .list(let items):
      if items.isEmpty { return "[]" }
      let lines = items.map { inner + $0.rendered(indent: inner) }
      return "[\n" + lines.joined(separator: ",\n") + "\n\(indent)]"
    case .object(let members):
      let lines = members.map { name, value in
        "\(inner)\(Self.quoted(name)): \(value.rendered(indent: inner))"
      }
      return "{\n" + lines.joined(separator: ",\n") + "\n\(indent)}"
    }
  }

  /// A string of RFC 8259, section 7.
  private static func quoted(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
        let hex = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hex.count) + hex
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
