/// A path in ssh's configuration, where `%` starts a token, `~` and `${…}` are expanded, and spaces
/// separate words.
///
/// The quoting rules differ between versions: backslashes and `'` quote from 8.7 on, `=` separates words
/// up to 8.6. What is written here is read alike by all of them.
public enum ConfigPath {
  /// In bytes; PATH_MAX of the system.
  private static let longest = 4096

  /// The rule that a path breaks, as a clause without its subject; `nil` when it can be written so that
  /// every ssh reads it.
  public static func broken(by path: String) -> String? {
    if isPlain(path) { return nil }
    guard path.utf8.first.map({ $0 == "/" }) ?? false else { return "is not absolute" }
    guard path.utf8.count <= longest else { return "is longer than \(longest) bytes" }
    guard path.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      return "has a control character"
    }
    guard !path.utf8.contains("\""), !path.utf8.contains("\\") else {
      return "has a quote or a backslash, which ssh versions read differently"
    }
    guard !zip(path.utf8, path.utf8.dropFirst()).contains(where: { $0 == "$" && $1 == "{" }) else {
      return "has ${, which ssh takes for a variable"
    }
    return nil
  }

  /// The same, where the path is to be one word of a command.
  public static func brokenInCommand(by path: String) -> String? {
    broken(by: path) ?? (path.utf8.contains("'") ? "has a '" : nil)
  }

  /// A path that breaks no rule, as one word where ssh expands `%` tokens.
  /// - Parameter end: what follows the path: a token of ssh's.
  public static func word(_ path: String, end: String = "") -> String {
    if isPlain(path) { return path + end }
    let text = doubled(path)
    let isWord = text.utf8.allSatisfy { isPlain($0) || $0 == "%" }
    return isWord ? text + end : "\"\(text)\(end)\""
  }

  /// A path that breaks no rule of `brokenInCommand`, as one word of a shell command within ssh's
  /// configuration, where ssh expands `%` tokens first (Match exec and ProxyCommand in ssh_config(5)).
  public static func shellWord(_ path: String) -> String { "'\(doubled(path))'" }

  private static func doubled(_ path: String) -> String {
    var text = ""
    for character in path.unicodeScalars {
      text.unicodeScalars.append(character)
      if character == "%" { text.unicodeScalars.append("%") }
    }
    return text
  }

  /// Whether a path can be written as it is. Nearly all can.
  public static func isPlain(_ path: String) -> Bool {
    let bytes = path.utf8
    return bytes.first == UInt8(ascii: "/") && bytes.count <= longest && bytes.allSatisfy(isPlain)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte.isAlphanumeric || "/._+,:@-".utf8.contains(byte)
  }

  /// The plain path of what `word` wrote with the same end; `nil` for any other text.
  public static func read(_ text: String, end: String = "") -> String? {
    if end.isEmpty, isPlain(text) { return text }
    var rest = text.unicodeScalars[...]
    if rest.first == "\"" {
      guard rest.count >= 2, rest.last == "\"" else { return nil }
      rest = rest.dropFirst().dropLast()
    }
    guard rest.count >= end.unicodeScalars.count else { return nil }
    rest = rest.dropLast(end.unicodeScalars.count)
    var path = ""
    while let character = rest.popFirst() {
      if character == "%" {
        guard rest.popFirst() == "%" else { return nil }
      }
      path.unicodeScalars.append(character)
    }
    guard broken(by: path) == nil, word(path, end: end).utf8.elementsEqual(text.utf8) else {
      return nil
    }
    return path
  }
}

/// The length of a line in ssh's configuration. OpenSSH takes any line, but libssh up to 0.12 cuts it
/// at 1,023 bytes and reads the rest as a line of its own.
public enum ConfigLine {
  /// In bytes, without the line end.
  public static let longest = 1000

  /// Splits words into runs that each fit one line, in their order.
  /// - Parameters:
  ///   - room: the bytes that a line has for its words and the one byte between two of them. A word that
  ///     is longer has a line of its own.
  public static func runs(of words: [String], room: Int) -> [[String]] {
    var runs: [[String]] = []
    var used = 0
    for word in words {
      let length = word.utf8.count
      if runs.isEmpty || used + 1 + length > room {
        runs.append([word])
        used = length
      } else {
        runs[runs.count - 1].append(word)
        used += 1 + length
      }
    }
    return runs
  }
}

extension String {
  /// This text as one word of a POSIX shell (XCU 2.2.2): in quotes where it needs them.
  public var quotedForShell: String {
    let isPlain = utf8.allSatisfy { $0.isAlphanumeric || "%+,-./:@_".utf8.contains($0) }
    guard !isPlain || isEmpty else { return self }
    // In bytes: to a `Character`, a quote with a mark behind it is another one.
    return "'" + utf8.parts(by: "'").map { String(Substring($0)) }.joined(separator: "'\\''") + "'"
  }
}
