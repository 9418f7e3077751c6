internal import SystemIO

/// A line of the user's ssh configuration (ssh_config(5)): a keyword and its arguments.
struct SettingLine {
  /// In lower case: to ssh, either case is the same.
  let keyword: String
  /// Without their quotes.
  let arguments: [String]

  private static let blanks: [UInt8] = [0x20, 0x09, 0x0d, 0x0a, 0x0c]
  private static let quotes: [UInt8] = [UInt8(ascii: "\""), UInt8(ascii: "'")]

  /// - Parameter line: with its line end or without.
  /// - Returns: `nil` for an empty line, a comment, and what ssh cannot read.
  init?(_ line: ArraySlice<UInt8>) {
    var rest = line.drop { Self.blanks.contains($0) }
    let word = rest.prefix { byte in
      byte != "=" && !Self.blanks.contains(byte) && !Self.quotes.contains(byte)
    }
    if word.isEmpty || word.starts(with: "#".utf8) { return nil }
    keyword = String(decoding: word, as: UTF8.self).lowercased()
    rest = rest[word.endIndex...].drop { Self.blanks.contains($0) }
    // One `=` may stand behind the keyword.
    if rest.first == UInt8(ascii: "=") { rest.removeFirst() }
    guard let arguments = Self.words(rest) else { return nil }
    self.arguments = arguments
  }

  /// The words between blanks, up to one that begins with `#`: a comment. Up to OpenSSH 8.6, that is a word like
  /// others, of a file or a host that there is not, and `'` and a backslash are characters like others: with one of
  /// these a line means something else to it.
  private static func words(_ bytes: ArraySlice<UInt8>) -> [String]? {
    var words: [String] = []
    var word: [UInt8]?
    var quote: UInt8?
    var rest = bytes
    func add(_ byte: UInt8) {
      if word == nil { word = [] }
      word?.append(byte)
    }
    while let byte = rest.popFirst() {
      if byte == "\\", let next = rest.first,
        quotes.contains(next) || next == "\\" || (next == " " && quote == nil)
      {
        rest.removeFirst()
        add(next)
      } else if byte == quote {
        quote = nil
      } else if quote == nil, quotes.contains(byte) {
        quote = byte
        word = word ?? []
      } else if quote == nil, word == nil, byte == "#" {
        break
      } else if quote == nil, blanks.contains(byte) {
        if let word { words.append(String(decoding: word, as: UTF8.self)) }
        word = nil
      } else {
        add(byte)
      }
    }
    guard quote == nil else { return nil }
    if let word { words.append(String(decoding: word, as: UTF8.self)) }
    return words
  }

  /// The lines of a file, with their line ends.
  static func lines(of file: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    while start < file.count {
      let end = file[start...].firstIndex(of: 0x0a).map { $0 + 1 } ?? file.count
      lines.append(file[start..<end])
      start = end
    }
    return lines
  }
}
