public import SystemIO

/// A failure as it is kept in a file of an alias's: the last one to open a session, in the alias's lock file, for
/// those who waited for that very try and for the `connect` that ssh runs even when `prepare` failed; and one of
/// `connect` that nobody saw.
public struct LastFailure: Equatable, Sendable {
  /// How long `connect` goes by it, in milliseconds.
  static let lifetime: Int64 = 2000
  /// No such file is larger, in bytes.
  public static let sizeLimit = 8192
  /// The most that is kept of each text, in characters.
  private static let textLimit = 600

  /// When it happened; Unix milliseconds.
  public let time: Int64
  /// What happened: kind, step, message and hint; `nil` where the disk had no room for it.
  public let failure: Failure?

  /// Without words, because the disk has no room.
  init(time: Int64) {
    self.time = time
    failure = nil
  }

  /// What has just been said, each of its texts cut to 600 characters.
  /// - Parameter time: Unix milliseconds.
  public init(_ failure: Failure, time: Int64) {
    self.time = time
    self.failure = Failure(
      failure.kind, step: failure.step.sanitized(limit: Self.textLimit),
      failure.message.sanitized(limit: Self.textLimit),
      hint: failure.hint?.sanitized(limit: Self.textLimit))
  }

  /// The exit status that it ended with.
  public var status: Int32 { (failure?.exitStatus ?? .inputOutput).rawValue }

  /// A line with the time, then one for each part of it.
  public var fileText: String {
    let parts = failure.map { [$0.kind.rawValue, $0.step, $0.message, $0.hint ?? ""] } ?? []
    return "failed \(time)\n" + parts.map { "=\($0)\n" }.joined()
  }

  /// - Returns: `nil` for bytes that tell of no failure, or of one that was cut short.
  public init?(fileBytes bytes: [UInt8]) {
    // By bytes: to Swift, "\r\n" is one character, which no "\n" equals.
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
    let words = lines.first?.split(separator: " ") ?? []
    let parts = lines.dropFirst().map { String($0.dropFirst()) }
    guard words.count == 2, words[0] == "failed", let time = Int64(words[1]), time >= 0,
      bytes.last == UInt8(ascii: "\n"), parts.count == 4,
      let kind = Failure.Kind(rawValue: parts[0])
    else { return nil }
    self.init(
      Failure(kind, step: parts[1], parts[2], hint: parts[3].isEmpty ? nil : parts[3]), time: time)
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
