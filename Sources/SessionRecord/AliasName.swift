/// The grammar of what ssh may be given as a host, and of suffixes and ids: letters, digits, `.`,
/// `_` and `-`, beginning and ending with a letter or digit, no `..`, at most 253 characters.
/// Nothing in it can be an option, a path, a pattern or a word of a shell.
public enum AliasName {
  /// The longest name, in characters.
  public static let longest = 253

  /// The commands of `sshproxy`. They are not aliases: `sshproxy WORD` has to mean one thing.
  public static let commands: Set<String> = [
    "connect", "prepare", "setup", "ssh", "exec", "resolve", "check", "list", "sessions", "close",
    "login", "open", "help",
  ]

  /// The name in lower case, since case makes no difference; `nil` when it breaks the grammar.
  public static func normalized(_ spelling: String) -> String? {
    guard broken(by: spelling) == nil else { return nil }
    let lower = spelling.utf8.map { (65...90).contains($0) ? $0 + 32 : $0 }
    return String(decoding: lower, as: UTF8.self)
  }

  /// The rule that a text breaks, as the end of a sentence; `nil` when the text is a name.
  public static func broken(by text: String) -> String? {
    let bytes = Array(text.utf8)
    guard let first = bytes.first, let last = bytes.last else { return "it is empty" }
    if bytes.count > longest { return "it is longer than \(longest) characters" }
    if !isLetterOrDigit(first) { return "it does not begin with a letter or digit" }
    if !isLetterOrDigit(last) { return "it does not end in a letter or digit" }
    var previous: UInt8 = 0
    for byte in bytes {
      if byte == dot, previous == dot { return "it has two dots in a row" }
      guard isLetterOrDigit(byte) || byte == dot || byte == dash || byte == underscore else {
        return "it has a character other than letters, digits, dot, dash and underscore"
      }
      previous = byte
    }
    return nil
  }

  /// Whether a byte is an ASCII letter or digit.
  public static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: false
    }
  }

  private static let dot = UInt8(ascii: ".")
  private static let dash = UInt8(ascii: "-")
  private static let underscore = UInt8(ascii: "_")
}
