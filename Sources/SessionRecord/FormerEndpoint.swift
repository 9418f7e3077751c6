import SystemIO

/// Where an alias's session led that was dropped a moment ago, kept in the alias's lock file: ssh may have read
/// of it just before, and be about to connect.
public enum FormerEndpoint {
  private static let word = "led"
  /// How long that may take, in milliseconds.
  private static let interest: Int64 = 60_000

  /// - Parameter now: Unix milliseconds.
  public static func fileText(of record: SessionRecord, at now: Int64) -> String {
    "\(word) \(now) \(record.endpoint)\n"
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
  /// The endpoint of the session that was dropped last; `nil` where there was none, or that is long ago.
  public func formerEndpoint(of alias: String) -> String? {
    let path = "\(Self.sessionsName)/\(alias)/\(Self.lockName)"
    guard
      let bytes = try? PrivateFile.read(path, in: directory.descriptor.number, limit: 4096)
    else { return nil }
    return FormerEndpoint.read(bytes, at: WallClock.milliseconds)
  }
}
