public import SystemIO

/// The one file that `prepare` generates and ssh includes: a `Match originalhost` block for each
/// live session.
///
/// ssh parses an included file for every host, so one bad line would stop every ssh of the user:
/// only checked values are written, and `check` reads the text back before it is put in place.
public enum ClientConfiguration {
  /// What ssh is to do for one alias.
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
      text += "\nMatch originalhost \(block.alias)\n"
      for setting in block.settings {
        text += "  \(setting.keyword.rawValue) \(try setting.written())\n"
      }
    }
    return text
  }

  /// The blocks of a text that `render` wrote.
  /// - Throws: `.configuration`, naming the line, for any text that `render` would not write.
  public static func check(_ text: String) throws(Failure) -> [Block] {
    var blocks: [Block] = []
    for (index, line) in text.utf8.parts(by: "\n").enumerated() {
      let words = line.drop { $0 == " " }.split(maxSplits: 1) { $0 == " " }.map { Substring($0) }
      if line.isEmpty || line.starts(with: "#".utf8) { continue }
      let refused = Failure(
        .configuration, step: "read ssh's generated configuration",
        "line \(index + 1) of the generated configuration is not one that sshproxy writes")
      guard words.count == 2 else { throw refused }
      if words[0] == "Match" {
        guard words[1].hasPrefix("originalhost ") else { throw refused }
        let alias = String(words[1].dropFirst("originalhost ".count))
        guard Grammar.isAlias(alias) else { throw refused }
        blocks.append(Block(alias: alias, settings: []))
      } else {
        guard let keyword = Setting.Keyword(rawValue: String(words[0])), !blocks.isEmpty,
          let value = keyword.read(String(words[1]))
        else { throw refused }
        blocks[blocks.count - 1].settings.append(Setting(keyword, value))
      }
    }
    guard try render(blocks).utf8.elementsEqual(text.utf8) else {
      throw Failure(
        .configuration, step: "read ssh's generated configuration",
        "the generated configuration is not as sshproxy writes it")
    }
    return blocks
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
