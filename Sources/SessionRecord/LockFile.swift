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

/// Where an alias's session led that was dropped a moment ago, kept in the alias's lock file: ssh may have read
/// of it just before, and be about to connect.
public enum DroppedSession {
  private static let word = "led"
  /// How long that may take, in milliseconds.
  private static let interest: Int64 = 60_000

  /// - Parameter now: Unix milliseconds.
  public static func fileText(of record: SessionRecord, at now: Int64) -> String {
    "\(word) \(now) \(record.endpointIdentity)\n"
  }

  fileprivate static func read(_ bytes: [UInt8], at now: Int64) -> String? {
    let words = String(decoding: bytes, as: UTF8.self).split(separator: " ", maxSplits: 2)
    guard words.count == 3, words[0] == word, words[2].utf8.last == UInt8(ascii: "\n"),
      let time = Int64(words[1]), (0..<interest).contains(now.saturatingSubtracting(time))
    else { return nil }
    return String(words[2].dropLast())
  }
}

// Both stand in the alias's lock file, one in place of the other.
extension StateDirectory {
  /// The mode of a lock file that could not take the failure's words: the disk is full. Its last
  /// change is the time then, and an I/O error the status.
  public static let wordlessMode: UInt32 = 0o700

  /// - Returns: `nil` where the last try did not fail, or nothing is known.
  public func lastFailure(of alias: String) -> LastFailure? {
    let path = lockPath(alias)
    guard let bytes = lockFile(path) else { return nil }
    return LastFailure(fileBytes: bytes) ?? wordlessFailure(path)
  }

  /// The `endpointIdentity` of the session that was dropped last; `nil` where there was none, or that is long ago.
  public func droppedEndpointIdentity(of alias: String) -> String? {
    lockFile(lockPath(alias)).flatMap { DroppedSession.read($0, at: WallClock.milliseconds) }
  }

  private func lockPath(_ alias: String) -> String {
    "\(Self.sessionsName)/\(alias)/\(Self.lockName)"
  }

  private func lockFile(_ path: String) -> [UInt8]? {
    try? PrivateFile.read(path, in: directory.descriptor.number, limit: 4096)
  }

  private func wordlessFailure(_ path: String) -> LastFailure? {
    guard
      let status = FileStatus(of: path, in: directory.descriptor.number, followsLinks: false),
      UInt32(status.permissions) & 0o777 == Self.wordlessMode
    else { return nil }
    return LastFailure(
      status: ExitStatus.inputOutput.rawValue, time: status.lastChange / 1_000_000, messages: [])
  }
}
