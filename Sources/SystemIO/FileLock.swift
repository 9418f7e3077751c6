/// An exclusive lock on a file (flock(2)); it ends with its owner, or with the process.
public struct FileLock: ~Copyable {
  private let descriptor: Descriptor

  /// Waits for the lock on the file `name`, which is made where it is missing.
  ///
  /// A lock file may be removed by its holder (`close`, a wiped state directory), so what was
  /// locked is compared with what the name stands for.
  /// - Parameter directory: the descriptor of the directory that holds the file.
  /// - Throws: `.temporary` when `deadline` came first, `.cancelled`, `.inputOutput`.
  public init(
    _ name: String, in directory: borrowing Descriptor, until deadline: Moment,
    caller: HangUpMonitor
  ) throws(Failure) {
    while true {
      let candidate = try Self.open(name, in: directory)
      guard try Self.take(candidate, until: deadline, caller: caller) else {
        throw Failure(
          .temporary, step: "wait for another sshproxy", "it still holds the lock",
          hint: "run it again; `ps` shows whether a `sshproxy-session` hangs")
      }
      if let locked = FileStatus(of: candidate.number),
        let named = FileStatus(of: name, in: directory.number, followsLinks: false),
        locked.isSameFile(as: named)
      {
        descriptor = candidate
        return
      }
    }
  }

  /// Locks an open file until its descriptor is closed.
  /// - Returns: `false` when `deadline` came first.
  /// - Throws: `.inputOutput` on a filesystem without locks, `.cancelled`.
  public static func take(
    _ file: borrowing Descriptor, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> Bool {
    let number = file.number
    if retryingInterrupts({ flock(number, LOCK_EX | LOCK_NB) }) == 0 { return true }
    guard errno == EWOULDBLOCK else { throw Failure("lock a file") }
    guard Moment.now < deadline else { return false }
    // flock(2) knows no deadline. The lock is the open file's, so it is ours by any copy; and a wait that was
    // given up leaves nothing locked, because its copy is closed as soon as it has the lock.
    let copy = try file.duplicated().release()
    let wait: BlockingCall<Int32>
    do throws(Failure) {
      wait = try BlockingCall {
        let error = retryingInterrupts({ flock(copy, LOCK_EX) }) == 0 ? 0 : errno
        close(copy)
        return error
      }
    } catch {
      close(copy)
      throw error
    }
    guard let error = try wait.result(until: deadline, caller: caller) else { return false }
    guard error == 0 else { throw Failure("lock a file", number: error) }
    return true
  }

  private static func open(
    _ name: String, in directory: borrowing Descriptor
  ) throws(Failure) -> Descriptor {
    let file = try Descriptor.open(
      name, flags: O_RDWR | O_CREAT | O_NOFOLLOW, in: directory.number)
    // A umask that takes rights from the owner too would keep out whoever comes next.
    if let status = FileStatus(of: file.number), status.permissions & 0o600 != 0o600 {
      fchmod(file.number, 0o600)
    }
    return file
  }
}
