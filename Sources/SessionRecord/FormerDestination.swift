public import SystemIO

/// Where an alias's session led that was dropped a moment ago, kept in the alias's lock file: ssh may have read
/// of it just before, and be about to connect.
public enum FormerDestination {
  private static let word = "led"
  /// How long that may take, in milliseconds.
  private static let interest: Int64 = 60_000

  /// - Parameter now: Unix milliseconds.
  public static func fileText(of record: SessionRecord, at now: Int64) -> String {
    "\(word) \(now) \(record.destination)\n"
  }

  fileprivate static func read(_ bytes: [UInt8], at now: Int64) -> String? {
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0] == word, words[2].utf8.last == UInt8(ascii: "\n"),
      let time = Int64(words[1]), (0..<interest).contains(now.saturatingSubtracting(time))
    else { return nil }
    return String(words[2].dropLast())
  }
}

extension StateDirectory {
  /// The `destination` of the session that was dropped last; `nil` where there was none, or that is long ago.
  public func formerDestination(of alias: String) -> String? {
    let path = "\(Self.sessionsName)/\(alias)/\(Self.lockName)"
    guard
      let bytes = try? PrivateFile.read(path, in: directory.descriptor.number, limit: 4096)
    else { return nil }
    return FormerDestination.read(bytes, at: WallClock.milliseconds)
  }
}

extension Failure {
  /// For a session that leads elsewhere than the one that ssh has read of: ssh would take the new machine's key
  /// for the old one's, and record it so.
  /// - Parameter endpoint: as the record has it.
  public static func moved(to endpoint: String) -> Failure {
    Failure(
      .temporary,
      "the machine is at another place by now, \(endpoint.sanitized(limit: 300))",
      hint: "run it again, with what `sshproxy resolve --ssh-config` says now if that is in use")
  }
}
