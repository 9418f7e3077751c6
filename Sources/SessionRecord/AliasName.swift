/// The grammar of what ssh may be given as a host: letters, digits, `.`, `_` and `-`, beginning and
/// ending with a letter or digit, no `..`, at most 253 characters. Either case is the same alias.
public enum AliasName {
  /// - Returns: the alias in lower case, or `nil` when it breaks the grammar.
  public static func normalized(_ spelling: String) -> String? {
    let bytes = Array(spelling.utf8)
    guard (1...253).contains(bytes.count), let first = bytes.first, let last = bytes.last,
      isLetterOrDigit(first), isLetterOrDigit(last)
    else { return nil }
    var lower: [UInt8] = []
    for byte in bytes {
      let isDot = byte == UInt8(ascii: ".")
      guard
        isLetterOrDigit(byte) || isDot || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-"),
        !(isDot && lower.last == byte)
      else { return nil }
      lower.append((65...90).contains(byte) ? byte + 32 : byte)
    }
    return String(decoding: lower, as: UTF8.self)
  }

  private static func isLetterOrDigit(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
  }
}
