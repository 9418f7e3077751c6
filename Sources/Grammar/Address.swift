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
