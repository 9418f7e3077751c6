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

  private let bytes: [UInt8]
  private var position = 0
  private var line = 1

  init(of text: String) {
    bytes = Array(text.utf8)
    // A byte order mark is skipped by the parser too.
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    var table: [String] = []
    while skipBlank(newlines: true), let byte = peek {
      if byte == UInt8(ascii: "[") {
        table = readHeader()
        skipLine()
      } else {
        readPair(under: table, depth: 0)
        skipLine()
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
      if lines[prefix] == nil { lines[prefix] = line }
    }
  }

  private mutating func readHeader() -> [String] {
    advance()
    skipBlank(newlines: false)
    if peek == UInt8(ascii: "[") { advance() }
    skipBlank(newlines: false)
    if let byte = peek, byte != UInt8(ascii: "]"), !isBare(byte), !isQuote(byte) {
      abortingLine = abortingLine ?? line
    }
    let table = readKey(under: [])
    record(table)
    return table
  }

  private mutating func readPair(under table: [String], depth: Int) {
    let path = readKey(under: table)
    record(path)
    guard peek == UInt8(ascii: "=") else { return }
    advance()
    readValue(path, depth: depth)
  }

  private mutating func readKey(under table: [String]) -> [String] {
    var path = table
    repeat {
      if peek == UInt8(ascii: ".") { advance() }
      skipBlank(newlines: false)
      if let quote = peek, isQuote(quote) {
        let start = position + 1
        skipString(quote)
        path.append(text(start, max(start, position - 1)))
      } else {
        let start = position
        while let byte = peek, isBare(byte) { advance() }
        path.append(text(start, position))
      }
      skipBlank(newlines: false)
    } while peek == UInt8(ascii: ".")
    return path
  }

  private mutating func readValue(_ path: [String], depth: Int) {
    skipBlank(newlines: depth > 0)
    guard let byte = peek, depth < 300 else { return }
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "'"): skipString(byte)
    case UInt8(ascii: "["):
      readList(closedBy: UInt8(ascii: "]")) {
        if $0.peek.map($0.beginsNoValue) == true { $0.abortingLine = $0.abortingLine ?? $0.line }
        $0.readValue(path, depth: depth + 1)
      }
    case UInt8(ascii: "{"):
      readList(closedBy: UInt8(ascii: "}")) { $0.readPair(under: path, depth: depth + 1) }
    default:
      let start = position
      while let next = peek, !ends(next) { advance() }
      if !Self.isPlain(text(start, position)) { abortingLine = abortingLine ?? line }
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
    advance()
    while skipBlank(newlines: true), let byte = peek {
      let start = position
      if byte == close {
        advance()
        return
      }
      if byte == UInt8(ascii: ",") { advance() } else { readElement(&self) }
      if position == start { return }
    }
  }

  private mutating func skipString(_ quote: UInt8) {
    let isLong = peek(1) == quote && peek(2) == quote
    for _ in 0..<(isLong ? 3 : 1) { advance() }
    while let byte = peek {
      if byte == UInt8(ascii: "\\"), quote == UInt8(ascii: "\"") {
        advance()
        advance()
      } else if byte == quote, !isLong || (peek(1) == quote && peek(2) == quote) {
        for _ in 0..<(isLong ? 3 : 1) { advance() }
        // A long string may end in one or two quotes of its own.
        while isLong, peek == quote { advance() }
        return
      } else if byte == 0x0a, !isLong {
        return
      } else {
        advance()
      }
    }
  }

  /// Whether there is anything after the blanks.
  @discardableResult
  private mutating func skipBlank(newlines: Bool) -> Bool {
    while let byte = peek {
      if byte == UInt8(ascii: "#"), newlines {
        skipLine()
      } else if byte == 0x20 || byte == 0x09 || (newlines && (byte == 0x0a || byte == 0x0d)) {
        advance()
      } else {
        return true
      }
    }
    return false
  }

  private mutating func skipLine() {
    while let byte = peek, byte != 0x0a { advance() }
    advance()
  }

  private var peek: UInt8? { peek(0) }

  private func peek(_ offset: Int) -> UInt8? {
    position + offset < bytes.count ? bytes[position + offset] : nil
  }

  private mutating func advance() {
    guard position < bytes.count else { return }
    if bytes[position] == 0x0a { line += 1 }
    position += 1
  }

  private func text(_ start: Int, _ end: Int) -> String {
    String(decoding: bytes[min(start, bytes.count)..<min(end, bytes.count)], as: UTF8.self)
  }

  private func beginsNoValue(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "}") || byte <= 0x20 || byte >= 0x7f
  }

  private func isQuote(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'")
  }

  private func isBare(_ byte: UInt8) -> Bool {
    byte.isAlphanumeric || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private func ends(_ byte: UInt8) -> Bool {
    [0x0a, UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), UInt8(ascii: "#")]
      .contains(byte)
  }
}
