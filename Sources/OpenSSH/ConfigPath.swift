internal import SystemIO

/// A path in ssh's configuration, where `%` starts a token, `~` and `${…}` are expanded, and spaces
/// separate words.
///
/// The quoting rules differ between versions: backslashes and `'` quote from 8.7 on, `=` separates words
/// up to 8.6. What is written here is read alike by all of them.
enum ConfigPath {
  /// In bytes; PATH_MAX of the system.
  private static let longest = 4096

  /// - Parameter end: what follows the path: a token of ssh's.
  /// - Throws: `.configuration` for a path that cannot be written so that every ssh reads it.
  static func written(
    _ path: String, for keyword: String, end: String = ""
  ) throws(Failure) -> String {
    func refused(_ clause: String) -> Failure {
      Failure(
        .configuration, step: "write ssh's configuration",
        "the path \(path.sanitized()) for \(keyword) \(clause)",
        hint: "set XDG_STATE_HOME to a directory without it, and run `sshproxy setup` again")
    }
    if isPlain(path) { return path + end }
    guard path.utf8.first.map({ $0 == "/" }) ?? false else { throw refused("is not absolute") }
    guard path.utf8.count <= longest else { throw refused("is longer than \(longest) bytes") }
    guard path.unicodeScalars.allSatisfy({ $0.properties.generalCategory != .control }) else {
      throw refused("has a control character")
    }
    guard !path.utf8.contains("\""), !path.utf8.contains("\\") else {
      throw refused("has a quote or a backslash, which ssh versions read differently")
    }
    guard !zip(path.utf8, path.utf8.dropFirst()).contains(where: { $0 == "$" && $1 == "{" }) else {
      throw refused("has ${, which ssh takes for a variable")
    }
    var text = ""
    for character in path.unicodeScalars {
      text.unicodeScalars.append(character)
      if character == "%" { text.unicodeScalars.append("%") }
    }
    let isWord = text.utf8.allSatisfy { isPlain($0) || $0 == "%" }
    return isWord ? text + end : "\"\(text)\(end)\""
  }

  /// Whether a path can be written as it is. Nearly all can.
  private static func isPlain(_ path: String) -> Bool {
    let bytes = path.utf8
    return bytes.first == UInt8(ascii: "/") && bytes.count <= longest && bytes.allSatisfy(isPlain)
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    byte.isAlphanumeric || "/._+,:@-".utf8.contains(byte)
  }

  /// The plain path of what `written` wrote with the same end; nil for any other text.
  static func read(_ text: String, end: String = "") -> String? {
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
    guard let again = try? written(path, for: "", end: end), again.utf8.elementsEqual(text.utf8)
    else { return nil }
    return path
  }
}
