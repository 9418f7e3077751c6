/// What a TOML text may cost: the parser's time and memory grow with the square of a dotted key's
/// length and of the nesting.
///
/// No file of ours needs more than three parts in a key or one bracket within another.
enum TOMLBounds {
  /// The most dots in a key or a table's name.
  static let dots = 8
  /// The deepest nesting of brackets and braces.
  static let depth = 8
  /// The longest text, in bytes.
  static let size = UserFile.largest

  struct Excess: Equatable {
    /// Counted from 1.
    let line: Int
    let problem: String
  }

  /// The first place that is beyond a bound; `nil` where there is none. Reads each byte once.
  static func excess(in text: String) -> Excess? {
    guard text.utf8.count <= size else {
      return Excess(line: 1, problem: "the file is larger than \(size / 1024) KiB")
    }
    var cursor = TOMLCursor(text)
    var (dots, depth) = (0, 0)
    while let byte = cursor.peek {
      switch byte {
      case _ where TOMLCursor.isQuote(byte):
        cursor.skipString()
        continue
      case UInt8(ascii: "#"):
        cursor.skipLine()
        continue
      case UInt8(ascii: "."): dots += 1
      case UInt8(ascii: "["), UInt8(ascii: "{"): (dots, depth) = (0, depth + 1)
      case UInt8(ascii: "]"), UInt8(ascii: "}"): (dots, depth) = (0, max(0, depth - 1))
      case UInt8(ascii: "="), UInt8(ascii: ","), 0x0a: dots = 0
      default: break
      }
      if dots > Self.dots {
        return Excess(line: cursor.line, problem: "a name has more than \(Self.dots) dots")
      }
      if depth > Self.depth {
        return Excess(
          line: cursor.line, problem: "brackets are nested more than \(Self.depth) deep")
      }
      cursor.advance()
    }
    return nil
  }
}
