internal import Synchronization
public import SystemIO

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

  /// What keeps a file from being used, as far as its owner and permissions go, and those of the directories that
  /// lead to it; nil also for one that is not there.
  public static func problem(with path: String, _ trust: Trust) -> Failure? {
    do throws(Failure) {
      try checkWay(to: path)
      if let status = FileStatus(of: path) { try check(path, status, trust) }
      return nil
    } catch {
      return error
    }
  }

  /// - Returns: nil when there is no such file.
  /// - Throws: `.configuration` when it is not a regular file, is too large, is not text, or has another
  ///   owner or other permissions than `trust` demands, or others can change a directory that leads
  ///   to it.
  static func read(_ path: String, _ trust: Trust) throws(Failure) -> UserFile? {
    try checkWay(to: path)
    do throws(Failure) {
      let found = try content(
        of: path, limit: largest,
        check: { (status) throws(Failure) in try check(path, status, trust) },
        refusal: { refusal(path, $0, cause: $1) })
      return found.map { UserFile(path: path, text: $0.text, mode: $0.status.permissions) }
    } catch {
      if error.number == ENOTDIR { return nil }
      throw error
    }
  }

  /// Reads a text, and the status of the very file that it is read from.
  /// - Parameters:
  ///   - limit: the largest size, in bytes.
  ///   - check: throws for the status of a regular file that is not to be read.
  ///   - refusal: makes the `.configuration` failure of what is wrong, a clause.
  /// - Returns: nil when there is no such file.
  /// - Throws: what `check` and `refusal` say.
  package static func content(
    of path: String, limit: Int, check: (FileStatus) throws(Failure) -> Void,
    refusal: (_ problem: String, _ cause: Failure.Cause?) -> Failure
  ) throws(Failure) -> (text: String, status: FileStatus)? {
    let bytes: [UInt8]?
    let status: FileStatus
    do throws(Failure) {
      let file = try Descriptor.openToRead(path)
      guard let found = FileStatus(of: file.number) else { throw Failure("look at it") }
      status = found
      guard status.isRegular else { throw refusal("it is not a file", nil) }
      try check(status)
      bytes = try file.readAll(limit: limit)
    } catch {
      if error.number == ENOENT { return nil }
      throw error.kind == .configuration ? error : refusal(error.message, error.cause)
    }
    guard let bytes else {
      let size = limit < 1 << 20 ? "\(limit >> 10) KiB" : "\(limit >> 20) MiB"
      throw refusal("it is larger than \(size)", nil)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw refusal("it is not UTF-8 text", nil)
    }
    return (text, status)
  }

  private static func checkWay(to path: String) throws(Failure) {
    guard let problem = SafePath.problem(leadingTo: path) else { return }
    throw refusal(path, problem.clause, hint: problem.remedy, cause: notOurs)
  }

  private static func check(_ path: String, _ status: FileStatus, _ trust: Trust) throws(Failure) {
    switch trust {
    case .secret:
      guard status.isOwn else { throw refusal(path, "it belongs to another user", cause: notOurs) }
      guard status.permissions & 0o077 == 0 else {
        let mode = status.isDirectory ? "700" : "600"
        throw refusal(
          path, "others can read it", hint: "chmod \(mode) \(path.sanitized().quotedForShell)")
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
