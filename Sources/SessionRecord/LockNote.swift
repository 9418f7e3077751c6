import SystemIO

/// The last failure to open a session for an alias, kept in the alias's lock file: for those who
/// waited for that very try, and for the `connect` that ssh runs even when `prepare` failed.
public struct LastFailure: Equatable, Sendable {
  /// How long `connect` goes by it, in milliseconds.
  static let lifetime: Int64 = 2000

  /// The exit status that it ended with.
  public var status: Int32
  /// When it happened; Unix milliseconds.
  public var time: Int64
  /// What was said, a line each.
  public var messages: [String]

  public init(status: Int32, time: Int64, messages: [String]) {
    self.status = status
    self.time = time
    self.messages = messages
  }

  /// A line with status and time, then the messages.
  public var fileText: String {
    "failed \(status) \(time)\n" + messages.map { $0 + "\n" }.joined()
  }

  /// - Returns: `nil` for bytes that tell of no failure.
  public init?(fileBytes bytes: [UInt8]) {
    // By bytes: to Swift, "\r\n" is one character, which no "\n" equals.
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
    let words = lines.first?.split(separator: " ") ?? []
    guard words.count == 3, words[0] == "failed", let status = Int32(words[1]),
      (1...255).contains(status), let time = Int64(words[2]), time >= 0
    else { return nil }
    self.init(status: status, time: time, messages: Array(lines.dropFirst()))
  }

  /// Whether it is young enough to spare `connect` a second try.
  /// - Parameter now: Unix milliseconds. A failure in the future is none: the clock was set back.
  public func isRecent(at now: Int64) -> Bool { (0..<Self.lifetime).contains(now - time) }
}

/// Where a session led that has just been dropped, kept in its alias's lock file: an ssh that read of it before
/// may be about to connect.
public enum DroppedSession {
  private static let word = "led"
  /// How long that may take, in milliseconds.
  private static let interest: Int64 = 60_000

  /// - Parameter now: Unix milliseconds.
  public static func fileText(of record: SessionRecord, at now: Int64) -> String {
    "\(word) \(now) \(record.endpointIdentity)\n"
  }

  static func read(_ bytes: [UInt8], at now: Int64) -> String? {
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0] == word, words[2].utf8.last == UInt8(ascii: "\n"),
      let time = Int64(words[1]), (0..<interest).contains(now.saturatingSubtracting(time))
    else { return nil }
    return String(words[2].dropLast())
  }
}

/// What an alias's lock file says.
public enum LockNote {
  /// That the last try failed.
  case failed(LastFailure)
  /// The `endpointIdentity` of a session that was dropped a moment ago.
  case dropped(endpointIdentity: String)
}
