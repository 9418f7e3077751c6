/// An exclusive lock on a file (flock(2)); it ends with its owner, or with the process.
public struct FileLock: ~Copyable {
  private let descriptor: Descriptor

  /// How often a held lock is tried again, in milliseconds.
  private static let interval = 10

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
      while flock(candidate.number, LOCK_EX | LOCK_NB) != 0 {
        guard errno == EWOULDBLOCK || errno == EINTR else {
          throw Failure("lock \(name.sanitized())")
        }
        guard Moment.now < deadline else {
          throw Failure(
            .temporary, step: "wait for another sshproxy", "it still holds the lock",
            hint: "run it again; `ps` shows whether a `sshproxy-session` hangs")
        }
        try caller.sleep(until: Moment.now + Self.interval)
      }
      var locked = stat()
      var named = stat()
      if fstat(candidate.number, &locked) == 0,
        fstatat(directory.number, name, &named, AT_SYMLINK_NOFOLLOW) == 0,
        locked.st_ino == named.st_ino, locked.st_dev == named.st_dev
      {
        descriptor = candidate
        return
      }
    }
  }

  private static func open(
    _ name: String, in directory: borrowing Descriptor
  ) throws(Failure) -> Descriptor {
    let file = try Descriptor.open(
      name, flags: O_RDWR | O_CREAT | O_NOFOLLOW, in: directory.number)
    // A umask that takes rights from the owner too would keep out whoever comes next.
    var status = stat()
    if fstat(file.number, &status) == 0, status.st_mode & 0o600 != 0o600 {
      fchmod(file.number, 0o600)
    }
    return file
  }
}
