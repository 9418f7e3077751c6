internal import Grammar

/// A place in a TOML text, which can tell where its strings and lines end. It reports no mistakes: they are the
/// parser's to report.
struct TOMLCursor {
  private let bytes: [UInt8]
  /// Of the next byte.
  private(set) var position = 0
  /// The line that it is on, counted from 1.
  private(set) var line = 1

  init(_ text: String) {
    bytes = Array(text.utf8)
  }

  /// The next byte; `nil` at the end.
  var peek: UInt8? { peek(0) }

  func peek(_ offset: Int) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  mutating func advance(by count: Int = 1) {
    for _ in 0..<count where position < bytes.count {
      if bytes[position] == 0x0a { line += 1 }
      position += 1
    }
  }

  /// Goes to the line's end.
  mutating func skipLine() {
    while let byte = peek, byte != 0x0a { advance() }
  }

  /// Goes behind the string that begins here. A string of a single line whose
  /// closing quote is missing ends with its line.
  mutating func skipString() {
    guard let quote = peek else { return }
    let isLong = peek(1) == quote && peek(2) == quote
    let length = isLong ? 3 : 1
    advance(by: length)
    while let byte = peek {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        advance(by: 2)
      } else if byte == quote, !isLong || (peek(1) == quote && peek(2) == quote) {
        advance(by: length)
        // A long string may end in one or two quotes of its own.
        for _ in 0..<2 where isLong && peek == quote { advance() }
        return
      } else if byte == 0x0a, !isLong {
        return
      } else {
        advance()
      }
    }
  }

  /// The text between two places.
  func text(_ start: Int, _ end: Int) -> String {
    String(decoding: bytes[min(start, bytes.count)..<min(end, bytes.count)], as: UTF8.self)
  }

  static func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
  }
}
