internal import Grammar

/// The line numbers of the keys in a TOML text, which TOMLKit does not keep.
///
/// It only tells keys from values and reports no errors, with one exception: `abortingLine`.
struct KeyLines {
  /// The first line of each key and table header, counted from 1, by path.
  private(set) var lines: [[String]: Int] = [:]

  /// The first line with a mistake that the parser below TOMLKit does not report, but ends the program
  /// by an assertion: a table header that does not begin with a key (`[=`), an array element that
  /// begins with a closing brace (`[ }`) or with a blank outside ASCII, an invalid date or number
  /// (`1979-05-27Tx`). A fuzzer found them.
  private(set) var abortingLine: Int?

  private var cursor: TOMLCursor

  init(of text: String) {
    cursor = TOMLCursor(text)
    // A byte order mark is skipped by the parser too.
    if text.utf8.starts(with: [0xef, 0xbb, 0xbf]) { cursor.advance(by: 3) }
    var table: [String] = []
    while skipBlank(newlines: true), let byte = cursor.peek {
      if byte == UInt8(ascii: "[") {
        table = readHeader()
        cursor.skipLine()
      } else {
        readPair(under: table, depth: 0)
        cursor.skipLine()
      }
    }
  }

  /// The line of the key, or of the nearest table above it that has one.
  func line(of path: [String]) -> Int? {
    var path = path
    while !path.isEmpty {
      if let line = lines[path] { return line }
      path.removeLast()
    }
    return nil
  }

  private mutating func record(_ path: [String]) {
    // Each prefix of a dotted key is a table, whose first line this is unless it occurred before.
    for count in 1...max(1, path.count) where count <= path.count {
      let prefix = Array(path.prefix(count))
      if lines[prefix] == nil { lines[prefix] = cursor.line }
    }
  }

  private mutating func readHeader() -> [String] {
    cursor.advance()
    skipBlank(newlines: false)
    if cursor.peek == UInt8(ascii: "[") { cursor.advance() }
    skipBlank(newlines: false)
    if let byte = cursor.peek, byte != UInt8(ascii: "]"), !isBare(byte), !TOMLCursor.isQuote(byte) {
      abortingLine = abortingLine ?? cursor.line
    }
    let table = readKey(under: [])
    record(table)
    return table
  }

  private mutating func readPair(under table: [String], depth: Int) {
    let path = readKey(under: table)
    record(path)
    guard cursor.peek == UInt8(ascii: "=") else { return }
    cursor.advance()
    readValue(path, depth: depth)
  }

  private mutating func readKey(under table: [String]) -> [String] {
    var path = table
    repeat {
      if cursor.peek == UInt8(ascii: ".") { cursor.advance() }
      skipBlank(newlines: false)
      if let quote = cursor.peek, TOMLCursor.isQuote(quote) {
        let start = cursor.position + 1
        cursor.skipString()
        path.append(cursor.text(start, max(start, cursor.position - 1)))
      } else {
        let start = cursor.position
        while let byte = cursor.peek, isBare(byte) { cursor.advance() }
        path.append(cursor.text(start, cursor.position))
      }
      skipBlank(newlines: false)
    } while cursor.peek == UInt8(ascii: ".")
    return path
  }

  private mutating func readValue(_ path: [String], depth: Int) {
    skipBlank(newlines: depth > 0)
    guard let byte = cursor.peek, depth < 300 else { return }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): cursor.skipString()
    case UInt8(ascii: "["):
      readList(closedBy: UInt8(ascii: "]")) {
        if $0.cursor.peek.map($0.beginsNoValue) == true {
          $0.abortingLine = $0.abortingLine ?? $0.cursor.line
        }
        $0.readValue(path, depth: depth + 1)
      }
    case UInt8(ascii: "{"):
      readList(closedBy: UInt8(ascii: "}")) { $0.readPair(under: path, depth: depth + 1) }
    default:
      let start = cursor.position
      while let next = cursor.peek, !ends(next) { cursor.advance() }
      if !Self.isPlain(cursor.text(start, cursor.position)) {
        abortingLine = abortingLine ?? cursor.line
      }
    }
  }

  /// Whether a value without quotes is a boolean or a whole number. No key of ours takes another
  /// one, and a malformed date or float is one of the mistakes that `abortingLine` speaks of.
  private static func isPlain(_ value: String) -> Bool {
    let word = value.utf8.reversed().drop { $0 <= 0x20 }.reversed()
    if word.elementsEqual("true".utf8) || word.elementsEqual("false".utf8) { return true }
    let digits =
      word.first == UInt8(ascii: "-") || word.first == UInt8(ascii: "+")
      ? word.dropFirst() : word[...]
    // TOML lets single underscores stand between digits.
    let groups = digits.split(separator: UInt8(ascii: "_"), omittingEmptySubsequences: false)
    return digits.count <= 24
      && groups.allSatisfy { group in
        !group.isEmpty && group.allSatisfy(\.isDigit)
      }
  }

  private mutating func readList(
    closedBy close: UInt8, _ readElement: (inout KeyLines) -> Void
  ) {
    cursor.advance()
    while skipBlank(newlines: true), let byte = cursor.peek {
      let start = cursor.position
      if byte == close {
        cursor.advance()
        return
      }
      if byte == UInt8(ascii: ",") { cursor.advance() } else { readElement(&self) }
      if cursor.position == start { return }
    }
  }

  /// Whether there is anything after the blanks.
  @discardableResult
  private mutating func skipBlank(newlines: Bool) -> Bool {
    while let byte = cursor.peek {
      if byte == UInt8(ascii: "#"), newlines {
        cursor.skipLine()
      } else if byte == 0x20 || byte == 0x09 || (newlines && (byte == 0x0a || byte == 0x0d)) {
        cursor.advance()
      } else {
        return true
      }
    }
    return false
  }

  private func beginsNoValue(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "}") || byte <= 0x20 || byte >= 0x7f
  }

  private func isBare(_ byte: UInt8) -> Bool {
    byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private func ends(_ byte: UInt8) -> Bool {
    [0x0a, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#")]
      .contains(byte)
  }
}
