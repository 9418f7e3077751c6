import SystemIO

/// The last failure to open a session for an alias, kept in the alias's lock file: for those who
/// waited for that very try, and for the `connect` that ssh runs even when `prepare` failed.
public struct LastFailure: Equatable, Sendable {
  /// How long `connect` goes by it, in milliseconds.
  public static let lifetime: Int64 = 2000

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

extension StateDirectory {
  /// The mode of a lock file that could not take the failure's words: the disk is full. Its last
  /// change is the time then, and an I/O error the status.
  public static let wordlessMode: UInt32 = 0o700

  /// - Returns: `nil` where the last try did not fail, or nothing is known.
  public func lastFailure(of alias: String) -> LastFailure? {
    let path = "\(Self.sessionsName)/\(alias)/\(Self.lockName)"
    guard
      let bytes = try? PrivateFile.read(path, in: directory.descriptor.number, limit: 4096)
    else { return nil }
    return LastFailure(fileBytes: bytes) ?? wordlessFailure(path)
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
