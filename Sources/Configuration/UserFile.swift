internal import Synchronization
internal import SystemIO

/// A text file of the user's.
public struct UserFile: Sendable {
  /// The absolute path.
  public let path: String
  /// All of it, which is UTF-8; at most 256 KiB.
  public let text: String
  private let mode: mode_t

  /// Whether the user alone can read it.
  var isPrivate: Bool { mode & 0o077 == 0 }

  /// The owner and permissions that a file must have to be used.
  public enum Trust {
    /// The user owns it, and nobody else may read or write it.
    case secret
    /// The user or root owns it, and nobody else may write it: OpenSSH's rule for its own `config`.
    case configuration
  }

  /// In bytes.
  static let largest = 256 * 1024

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it is not a regular file, is too large, is not text, or has another
  ///   owner or other permissions than `trust` demands, or others can change a directory that leads
  ///   to it.
  static func read(_ path: String, _ trust: Trust) throws(Failure) -> UserFile? {
    let bytes: [UInt8]?
    let found: FileStatus
    if let problem = SafePath.problem(leadingTo: path) {
      throw refusal(path, problem.clause, hint: problem.remedy, cause: Self.notOurs)
    }
    do throws(Failure) {
      let file = try Descriptor.openToRead(path)
      guard let status = FileStatus(of: file.number) else { throw Failure("look at it") }
      found = status
      try check(path, status, trust)
      bytes = try file.readAll(limit: largest)
    } catch {
      if error.number == ENOENT || error.number == ENOTDIR { return nil }
      throw error.kind == .configuration
        ? error : refusal(path, error.message, cause: error.cause)
    }
    guard let bytes else { throw refusal(path, "it is larger than 256 KiB") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw refusal(path, "it is not UTF-8 text")
    }
    return UserFile(path: path, text: text, mode: found.permissions)
  }

  private static func check(_ path: String, _ status: FileStatus, _ trust: Trust) throws(Failure) {
    guard status.isRegular else { throw refusal(path, "it is not a file") }
    switch trust {
    case .secret:
      guard status.isOwn else { throw refusal(path, "it belongs to another user", cause: notOurs) }
      guard status.permissions & 0o077 == 0 else {
        throw refusal(
          path, "others can read it", hint: "chmod 600 \(path.sanitized().quotedForShell)")
      }
    case .configuration:
      guard status.isOwn || status.owner == 0 else {
        throw refusal(path, "it belongs to another user", cause: notOurs)
      }
      guard status.permissions & 0o022 == 0 else {
        throw refusal(
          path, "others can write it", hint: "chmod go-w \(path.sanitized().quotedForShell)")
      }
    }
  }

  private static let notOurs = Failure.Cause.system(EPERM)

  private static func refusal(
    _ path: String, _ problem: String, hint: String? = nil, cause: Failure.Cause? = nil
  ) -> Failure {
    Failure(
      .configuration, step: "read the configuration", "\(path.sanitized()) is not used: \(problem)",
      hint: hint, cause: cause)
  }
}

/// The user's files as one run sees them. Each is read when it is first needed and never again: an edit in
/// between would send the key of one account to the address of another.
final class UserFiles: Sendable {
  private let known = Mutex<[String: Result<UserFile?, Failure>]>([:])

  /// As `UserFile.read`, whose trust is the same each time that a path is read.
  func read(_ path: String, _ trust: UserFile.Trust) throws(Failure) -> UserFile? {
    try known.withLock { known in
      let found =
        known[path] ?? Result { () throws(Failure) in try UserFile.read(path, trust) }
      known[path] = found
      return found
    }.get()
  }

  /// Has a file read anew that this run has written.
  func forget(_ path: String) { known.withLock { $0[path] = nil } }
}
