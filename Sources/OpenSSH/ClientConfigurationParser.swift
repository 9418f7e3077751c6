public import SystemIO

extension ClientConfiguration {
  /// Reads a text that `render` wrote. Each line is checked; their order is `check`'s to compare.
  /// - Throws: `.configuration`, naming the line that `render` would never write.
  public static func parse(
    _ text: String, for reader: Reader = .openSSH, program: String? = nil
  ) throws(Failure) -> [Block] {
    guard text.utf8.starts(with: header.utf8), text.utf8.last == UInt8(ascii: "\n") else {
      throw refused(line: 1)
    }
    // The first line is the header; what follows the last line end is empty.
    let lines = text.utf8.parts(by: "\n").dropLast()
    var blocks: [Block] = []
    var places: [String: Int] = [:]
    var notes: [Int: (line: Substring, number: Int)] = [:]
    var section: [Int] = []
    var index = 1
    while index < lines.count {
      let line = lines[lines.startIndex + index]
      if line.isEmpty {
        let rest = lines[(lines.startIndex + index + 1)...]
        guard let head = Head(rest, for: reader) else { throw refused(line: index + 2) }
        section = head.aliases.map { alias in
          if let place = places[alias] { return place }
          places[alias] = blocks.count
          blocks.append(Block(alias: alias, settings: []))
          return blocks.count - 1
        }
        index += 1 + head.length
      } else if line.starts(with: "Match ".utf8), section.count == 1 {
        notes[section[0]] = (Substring(line), index + 1)
        section = []
        index += 1
      } else {
        guard !section.isEmpty, let setting = Setting(line: line) else {
          throw refused(line: index + 1)
        }
        for place in section { blocks[place].settings.append(setting) }
        index += 1
      }
    }
    // Only now are the settings that a block shares with others known.
    for (place, note) in notes {
      guard let own = LoginNote(blocks[place], program: program),
        note.line.utf8.elementsEqual(own.line.utf8)
      else { throw refused(line: note.number) }
    }
    return blocks
  }

  /// The lines that begin a section.
  private struct Head {
    let aliases: [String]
    /// In lines.
    let length: Int

    init?(_ lines: ArraySlice<Substring.UTF8View>, for reader: Reader) {
      guard let first = lines.first, first.starts(with: "Host ".utf8) else { return nil }
      let words = first.dropFirst("Host ".utf8.count)
      aliases = words.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false).map {
        String(Substring($0))
      }
      guard aliases.allSatisfy(Grammar.isAlias) else { return nil }
      let expected = Section(aliases: aliases, settings: []).heads(for: reader)
      length = expected.count
      guard lines.count >= length,
        zip(lines, expected).allSatisfy({ $0.elementsEqual($1.utf8) })
      else { return nil }
    }
  }
}

extension Setting {
  /// The setting of a line that `render` wrote; nil for any other.
  fileprivate init?(line: Substring.UTF8View) {
    guard line.starts(with: "  ".utf8) else { return nil }
    let words = line.dropFirst(2)
    guard let space = words.firstIndex(where: { $0 == " " }),
      let keyword = Keyword(rawValue: String(Substring(words[..<space]))),
      // To a `String` the Kelvin sign is a K.
      words[..<space].elementsEqual(keyword.rawValue.utf8),
      let value = keyword.read(String(Substring(words[words.index(after: space)...])))
    else { return nil }
    self.init(keyword, value)
  }
}

extension Setting.Keyword {
  /// The plain value of what `Setting.written` wrote; nil for any other text.
  fileprivate func read(_ text: String) -> String? {
    switch form {
    case .path: ConfigPath.read(text)
    case .pathOfLogin where text == Setting.unshared: text
    case .pathOfLogin: ConfigPath.read(text, end: Setting.login)
    case .word(let isValid): isValid(text) ? text : nil
    }
  }
}
