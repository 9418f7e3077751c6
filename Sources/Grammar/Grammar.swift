/// The values that may be written to a file that ssh reads, or on ssh's command line.
///
/// Narrower than what ssh accepts: a value that passes contains no option, shell syntax, `%` token,
/// pattern or second line, wherever it is written.
public enum Grammar {
  /// Whether `text` is a host name by RFC 1123 (at most 253 characters, no final dot), an IPv4
  /// address in four decimal parts, or an IPv6 address without zone and brackets.
  ///
  /// Forms that `getaddrinfo` would take for an address (`127.1`, `0x7f.1`, `2130706433`) are no
  /// names: the last label of a name is neither a number nor starts with `0x`.
  public static func isHost(_ text: String) -> Bool {
    isName(text) || isIPv4(text) || isIPv6(text)
  }

  /// Whether `text` can be a login name: a letter, digit or `_`, then at most 254 of
  /// `A-Z a-z 0-9 . _ @ + -`. No `=`: ssh 8.0 to 8.6 take it for a separator, and what follows for
  /// garbage, which stops every ssh.
  ///
  /// `@` is allowed because some logins are mail addresses. ssh splits `user@host` at the last
  /// `@`, and a host has none, so such a login stays one wherever it stands.
  public static func isLogin(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, bytes.count <= 255 else { return false }
    return (first.isAlphanumeric || first == "_")
      && bytes.allSatisfy { $0.isAlphanumeric || "._@+-".utf8.contains($0) }
  }

  /// Whether `text` can be a session id: a letter or digit, then at most 254 of
  /// `A-Z a-z 0-9 . _ : -`, without `..` (the id is also a part of a path and of a URL).
  public static func isSessionID(_ text: String) -> Bool {
    let bytes = text.utf8
    guard let first = bytes.first, first.isAlphanumeric, bytes.count <= 255 else { return false }
    return bytes.allSatisfy { $0.isAlphanumeric || "._:-".utf8.contains($0) }
      && !hasDoubleDot(text)
  }

  /// The ports that can be connected to.
  public static let ports = 1...65535

  /// Whether `port` can be connected to.
  public static func isPort(_ port: Int) -> Bool { ports.contains(port) }

  /// Whether `text` is a list of host patterns as ssh_config(5), PATTERNS: comma separated, each
  /// optionally negated by `!`, with `*` and `?` for parts of a name or address, or `[pattern]:port`.
  /// At most 1,024 bytes.
  public static func isHostPattern(_ text: String) -> Bool {
    guard text.utf8.count <= 1024 else { return false }
    return text.split(separator: ",", omittingEmptySubsequences: false).allSatisfy { item in
      var pattern = item.first == "!" ? item.dropFirst() : item
      if pattern.first == "[" {
        guard let close = pattern.lastIndex(of: "]") else { return false }
        let port = pattern[pattern.index(after: close)...]
        guard port.isEmpty || (port.first == ":" && Self.port(port.dropFirst()) != nil) else {
          return false
        }
        pattern = pattern[..<close].dropFirst()
      }
      guard let first = pattern.utf8.first, first != "-" else { return false }
      return pattern.utf8.allSatisfy { $0.isAlphanumeric || "._:*?-".utf8.contains($0) }
    }
  }

  /// Whether `text` can be a part of a header, a path or a query as it is: printable ASCII without spaces.
  /// - Parameter longest: in bytes; it has at least one.
  public static func isToken(_ text: String, longest: Int) -> Bool {
    (1...longest).contains(text.utf8.count)
      && text.utf8.allSatisfy { $0.isPrintable && $0 != " " }
  }

  /// The port that `text` spells, as `number` reads it.
  public static func port(_ text: some StringProtocol) -> Int? { number(text, in: ports) }

  /// The number that `text` spells in decimal digits without sign, space or leading zero.
  /// - Returns: `nil` for other text, and for a number out of `range`.
  public static func number(_ text: some StringProtocol, in range: ClosedRange<Int>) -> Int? {
    guard text.utf8.allSatisfy(\.isDigit), !text.utf8.starts(with: "0".utf8),
      let number = Int(text), range.contains(number)
    else { return nil }
    return number
  }

  static func hasDoubleDot(_ text: String) -> Bool {
    zip(text.utf8, text.utf8.dropFirst()).contains { $0 == "." && $1 == "." }
  }

  private static func isName(_ text: String) -> Bool {
    guard (1...253).contains(text.utf8.count) else { return false }
    let labels = text.utf8.parts(by: ".")
    guard let last = labels.last, !looksNumeric(last) else { return false }
    return labels.allSatisfy { label in
      guard let head = label.first, let tail = label.last, label.count <= 63 else { return false }
      return head.isAlphanumeric && tail.isAlphanumeric
        && label.allSatisfy { $0.isAlphanumeric || $0 == "-" }
    }
  }

  private static func looksNumeric(_ label: some Collection<UInt8>) -> Bool {
    if label.allSatisfy(\.isDigit) { return true }
    let prefix = Array(label.prefix(2))
    return prefix == Array("0x".utf8) || prefix == Array("0X".utf8)
  }
}

/// Literal addresses, in the only spelling that all programs read alike.
extension Grammar {
  /// Whether `text` is an IPv4 address in four decimal parts.
  public static func isIPv4(_ text: some StringProtocol) -> Bool {
    let parts = text.utf8.parts(by: ".")
    return parts.count == 4
      && parts.allSatisfy { part in
        guard (1...3).contains(part.count), part.allSatisfy(\.isDigit) else { return false }
        // A leading zero means octal to some readers and decimal to others.
        guard part.count == 1 || !part.starts(with: "0".utf8) else { return false }
        return part.reduce(0) { $0 * 10 + Int($1 - 0x30) } <= 255
      }
  }

  // RFC 4291 §2.2: eight groups, one `::` for at least one of them, the last two as IPv4.
  static func isIPv6(_ text: String) -> Bool {
    guard (2...45).contains(text.utf8.count), text.utf8.contains(":") else { return false }
    var groups = text.utf8.parts(by: ":").map { Substring($0) }
    var needed = 8
    if let last = groups.last, last.utf8.contains(".") {
      guard isIPv4(last) else { return false }
      groups[groups.count - 1] = "0"
      needed = 7
    }
    // A `::` yields one empty group, or two at either end.
    var gap = false
    if groups.count >= 2, groups[0].isEmpty, groups[1].isEmpty {
      groups.removeFirst(2)
      gap = true
      if groups.count == 1, groups[0].isEmpty { return true }
    } else if groups.count >= 2, groups[groups.count - 1].isEmpty,
      groups[groups.count - 2].isEmpty
    {
      groups.removeLast(2)
      gap = true
    } else if let middle = groups.firstIndex(of: ""), middle > 0, middle < groups.count - 1 {
      groups.remove(at: middle)
      gap = true
    }
    guard gap ? groups.count < needed : groups.count == needed else { return false }
    return groups.allSatisfy { (1...4).contains($0.utf8.count) && $0.utf8.allSatisfy { $0.isHex } }
  }
}
