public import SystemIO

/// A name that ssh may be given. Letters of either case are one alias, as ssh's own
/// `Match originalhost` sees them.
public struct Alias: Hashable, Sendable {
  /// The alias in lower case: its identity, and its name on the disk.
  public let name: String
  /// The alias as it was given.
  public let spelling: String

  /// - Throws: `.usage`, naming the rule that `text` breaks.
  public init(_ text: String) throws(Failure) {
    if let rule = NameRule.broken(by: text) {
      throw Failure(
        .usage, "\"\(text.shown(limit: 80))\" cannot be an alias: \(rule)",
        hint: "an alias is NAME.prime, NAME.dedalus, NAME.tensorpool or a name from [hosts]")
    }
    spelling = text
    name = text.lowercased()
  }

  public static func == (one: Alias, other: Alias) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The grammar of aliases, of the suffixes and of the ids that providers give to machines: nothing
/// in it can be an option, a path, a pattern or a word of a shell.
enum NameRule {
  static let longest = 253

  /// The rule that `text` breaks, as the end of a sentence; nil when it is a name.
  static func broken(by text: String) -> String? {
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

  /// A machine id of Dedalus: `^dm-[a-z0-9]([a-z0-9-]*[a-z0-9])?$`, 4 to 253 characters
  /// (`MachineIDPathSegment` in the API document).
  static func isDedalusMachine(_ text: String) -> Bool {
    guard text.hasPrefix("dm-"), (4...longest).contains(text.utf8.count) else { return false }
    let rest = text.utf8.dropFirst(3)
    return rest.first != dash && rest.last != dash
      && rest.allSatisfy { byte in
        byte == dash || (isLetterOrDigit(byte) && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte))
      }
  }

  static func isLetterOrDigit(_ byte: UInt8) -> Bool {
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
