public import SystemIO

/// The one file that `prepare` generates and ssh includes: a `Match originalhost` block for each
/// live session.
///
/// ssh parses an included file for every host, so one bad line would break every ssh of the user. Only
/// checked values are written, and `check` parses the text back before it is put in place.
public enum ClientConfiguration {
  /// The settings for one alias.
  public struct Block: Hashable, Sendable {
    public var alias: String
    public var settings: [Setting]

    public init(alias: String, settings: [Setting]) {
      self.alias = alias
      self.settings = settings
    }
  }

  private static var header: String {
    "# Written by sshproxy at every change of a session; what is written here by hand is lost.\n"
  }
  private static var head: String { "Match originalhost " }

  /// The text of the file, ending in a line end.
  /// - Throws: `.nonsense` for an alias or a value outside its grammar, `.configuration` for a
  ///   path that cannot be written.
  public static func render(_ blocks: [Block]) throws(Failure) -> String {
    var text = header
    for block in blocks {
      guard Grammar.isAlias(block.alias) else {
        throw Failure(
          .nonsense, step: "write ssh's configuration",
          "\(block.alias.shown(limit: 80)) is not an alias")
      }
      text += "\n\(head)\(block.alias)\n"
      for setting in block.settings {
        text += "  \(setting.keyword.rawValue) \(try setting.written())\n"
      }
    }
    return text
  }

  /// Joins texts that `render` wrote into one with all their blocks. The texts are not checked, but one
  /// without `render`'s first line is left out.
  public static func join(_ texts: [String]) -> String {
    texts.filter { $0.utf8.starts(with: header.utf8) }
      .reduce(into: header) { $0 += Substring($1.utf8.dropFirst(header.utf8.count)) }
  }

  /// The blocks of a text that `render` wrote.
  /// - Throws: `.configuration`, naming the line, for any text that `render` would not write.
  public static func check(_ text: String) throws(Failure) -> [Block] {
    guard text.utf8.starts(with: header.utf8), text.utf8.last == UInt8(ascii: "\n") else {
      throw refused(line: 1)
    }
    // The first line is the header; what follows the last line end is empty.
    let lines = text.utf8.parts(by: "\n").dropLast()
    var blocks: [Block] = []
    var isBetweenBlocks = false
    for (index, line) in lines.enumerated().dropFirst() {
      if isBetweenBlocks {
        guard let alias = alias(inHead: line) else { throw refused(line: index + 1) }
        blocks.append(Block(alias: alias, settings: []))
        isBetweenBlocks = false
      } else if line.isEmpty {
        isBetweenBlocks = true
      } else {
        guard !blocks.isEmpty, let setting = Setting(line: line) else {
          throw refused(line: index + 1)
        }
        blocks[blocks.count - 1].settings.append(setting)
      }
    }
    guard !isBetweenBlocks else { throw refused(line: lines.count) }
    return blocks
  }

  private static func alias(inHead line: Substring.UTF8View) -> String? {
    guard line.starts(with: head.utf8) else { return nil }
    let alias = String(Substring(line.dropFirst(head.utf8.count)))
    return Grammar.isAlias(alias) ? alias : nil
  }

  private static func refused(line: Int) -> Failure {
    Failure(
      .configuration, step: "read ssh's generated configuration",
      "line \(line) of the generated configuration is not one that sshproxy writes")
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
    case .word(let isValid): isValid(text) ? text : nil
    }
  }
}
