/// What the system says of a file (stat(2)).
public struct FileStatus {
  private let raw: stat

  /// Of the file that a path leads to.
  /// - Parameters:
  ///   - directory: where a relative path starts; `nil` for the current directory.
  ///   - followsLinks: whether a link counts as what it leads to.
  /// - Returns: `nil` when nothing can be said, with errno.
  public init?(of path: String, in directory: Int32? = nil, followsLinks: Bool = true) {
    var status = stat()
    let flags = followsLinks ? 0 : AT_SYMLINK_NOFOLLOW
    guard fstatat(directory ?? AT_FDCWD, path, &status, flags) == 0 else { return nil }
    raw = status
  }

  /// Of an open file.
  public init?(of descriptor: Int32) {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return nil }
    raw = status
  }

  /// Whether it is a file with bytes of its own, likewise for the other kinds (inode(7)).
  public var isRegular: Bool { csystem_is_regular(raw.st_mode) != 0 }
  /// Whether it is a directory.
  public var isDirectory: Bool { csystem_is_directory(raw.st_mode) != 0 }
  /// Whether it is a symbolic link, which was not followed.
  public var isLink: Bool { csystem_is_link(raw.st_mode) != 0 }
  /// Whether it is a socket.
  public var isSocket: Bool { csystem_is_socket(raw.st_mode) != 0 }
  var isPipe: Bool { csystem_is_pipe(raw.st_mode) != 0 }

  /// The number of the user whose it is.
  public var owner: uid_t { raw.st_uid }
  /// The number of its group.
  public var group: gid_t { raw.st_gid }
  /// Whether it is this user's.
  public var isOwn: Bool { raw.st_uid == geteuid() }
  /// The permission bits, with the sticky bit and its like.
  public var permissions: mode_t { raw.st_mode & 0o7777 }
  /// In bytes.
  public var size: Int { Int(raw.st_size) }
  /// Whether no name leads to it any more.
  var isRemoved: Bool { raw.st_nlink == 0 }

  /// When the content was last written; Unix nanoseconds.
  public var lastWrite: Int64 {
    #if os(Linux)
      raw.st_mtim.nanoseconds
    #else
      raw.st_mtimespec.nanoseconds
    #endif
  }

  /// When content, mode or owner last changed; Unix nanoseconds.
  public var lastChange: Int64 {
    #if os(Linux)
      raw.st_ctim.nanoseconds
    #else
      raw.st_ctimespec.nanoseconds
    #endif
  }

  /// Whether both are one file, by whatever paths.
  public func isSameFile(as other: FileStatus) -> Bool {
    raw.st_ino == other.raw.st_ino && raw.st_dev == other.raw.st_dev
  }

  /// Whether both stand for one device, by whatever files.
  func isSameDevice(as other: FileStatus) -> Bool {
    raw.st_rdev == other.raw.st_rdev && raw.st_mode == other.raw.st_mode
  }
}

extension timespec {
  /// A file may be dated after 2262, where these end.
  fileprivate var nanoseconds: Int64 {
    Int64(tv_sec).saturatingMultiplied(by: 1_000_000_000).saturatingAdding(Int64(tv_nsec))
  }
}
