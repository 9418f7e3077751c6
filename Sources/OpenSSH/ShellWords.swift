internal import SystemIO

/// Splits a command line into words as a POSIX shell does (XCU 2.2 and 2.3). Anything that the shell
/// would expand, substitute, redirect or run is refused.
enum ShellWords {
  static func split(_ command: String) throws(Failure) -> [String] {
    guard command.utf8.count <= 8 * 1024 else { throw refused("is longer than 8 KiB") }
    guard command.utf8.allSatisfy({ $0.isPrintable || $0 == "\t" }) else {
      throw refused("has a line end, a control character or a letter outside ASCII")
    }
    guard !command.utf8.contains("$"), !command.utf8.contains("`") else {
      throw refused("has a shell variable or substitution")
    }
    var words: [String] = []
    var word: [UInt8]?
    var bytes = command.utf8[...]
    while let byte = bytes.popFirst() {
      switch Unicode.Scalar(byte) {
      case " ", "\t":
        if let done = word { words.append(String(decoding: done, as: UTF8.self)) }
        word = nil
      case "'":
        guard let end = bytes.firstIndex(where: { $0 == "'" }) else {
          throw refused("has a quote that does not end")
        }
        word = (word ?? []) + bytes[..<end]
        bytes = bytes[end...].dropFirst()
      case "\"":
        word = (word ?? []) + (try doubleQuoted(&bytes))
      case "\\":
        guard let next = bytes.popFirst() else { throw refused("ends in a backslash") }
        word = (word ?? []) + [next]
      // `[` and `]` are kept: IPv6 addresses are written with them, and the shell leaves them alone
      // unless a file matches. `~` and `=` mean the same to the shell and to ssh.
      case "|", "&", ";", "<", ">", "(", ")", "*", "?", "{", "}", "!", "#":
        throw refused("has a shell metacharacter")
      default:
        word = (word ?? []) + [byte]
      }
    }
    if let last = word { words.append(String(decoding: last, as: UTF8.self)) }
    return words
  }

  private static func doubleQuoted(
    _ bytes: inout Substring.UTF8View
  ) throws(Failure) -> [UInt8] {
    var text: [UInt8] = []
    while let byte = bytes.popFirst() {
      if byte == "\"" { return text }
      if byte == "\\", let next = bytes.first, next == "\"" || next == "\\" {
        bytes.removeFirst()
        text.append(next)
      } else {
        text.append(byte)
      }
    }
    throw refused("has a quote that does not end")
  }

  private static func refused(_ clause: String) -> Failure { SentCommand.refused(clause) }
}
