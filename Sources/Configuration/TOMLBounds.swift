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
    var scanner = Scanner(text)
    return scanner.run()
  }

  private struct Scanner {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1

    init(_ text: String) {
      bytes = Array(text.utf8)
    }

    mutating func run() -> Excess? {
      var (dots, depth) = (0, 0)
      while position < bytes.count {
        switch bytes[position] {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
          skipString()
          continue
        case UInt8(ascii: "#"):
          while position < bytes.count, bytes[position] != 0x0a { position += 1 }
          continue
        case UInt8(ascii: "."): dots += 1
        case UInt8(ascii: "["), UInt8(ascii: "{"): (dots, depth) = (0, depth + 1)
        case UInt8(ascii: "]"), UInt8(ascii: "}"): (dots, depth) = (0, max(0, depth - 1))
        case UInt8(ascii: "="), UInt8(ascii: ","): dots = 0
        case 0x0a:
          dots = 0
          line += 1
        default: break
        }
        if dots > TOMLBounds.dots {
          return Excess(line: line, problem: "a name has more than \(TOMLBounds.dots) dots")
        }
        if depth > TOMLBounds.depth {
          return Excess(
            line: line, problem: "brackets are nested more than \(TOMLBounds.depth) deep")
        }
        position += 1
      }
      return nil
    }

    /// A string of one line ends with it even where its quote is missing: that is the parser's to
    /// report.
    private mutating func skipString() {
      let quote = bytes[position]
      let isLong = hasQuotes(quote)
      position += isLong ? 3 : 1
      while position < bytes.count {
        let byte = bytes[position]
        if byte == 0x0a {
          guard isLong else { return }
          line += 1
        } else if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
          if position + 1 < bytes.count, bytes[position + 1] == 0x0a { line += 1 }
          position += 1
        } else if byte == quote, !isLong || hasQuotes(quote) {
          position += isLong ? 3 : 1
          // A long string may end in one or two quotes of its own.
          for _ in 0..<2 where isLong && position < bytes.count && bytes[position] == quote {
            position += 1
          }
          return
        }
        position += 1
      }
    }

    private func hasQuotes(_ quote: UInt8) -> Bool {
      position + 2 < bytes.count && bytes[position...(position + 2)].allSatisfy { $0 == quote }
    }
  }
}
