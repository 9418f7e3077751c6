/// What can be asked and done by a path alone. What is ours goes by its opened directory
/// (`PrivateDirectory`).
public enum FilePath {
  /// Whether there is something, links followed.
  public static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

  /// Whether this process may read it, by its real user (access(2)).
  public static func isReadable(_ path: String) -> Bool { access(path, R_OK) == 0 }

  /// Whether this process may run it, by its real user (access(2)).
  public static func isExecutable(_ path: String) -> Bool { access(path, X_OK) == 0 }

  /// Whether this user can make and remove files in a directory.
  /// - Throws: `.inputOutput`, with the reason why not.
  public static func checkWritable(_ directory: String) throws(Failure) {
    guard faccessat(AT_FDCWD, directory, W_OK, AT_EACCESS) == 0 else { throw Failure("write") }
  }

  /// What a link says.
  /// - Parameter limit: in bytes.
  /// - Returns: `nil` when there is no such link, or it has as many bytes or more.
  static func linkTarget(_ path: String, in directory: Int32? = nil, limit: Int) -> String? {
    var buffer = [UInt8](repeating: 0, count: limit)
    let length = buffer.withUnsafeMutableBytes { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        text.baseAddress.map { readlinkat(directory ?? AT_FDCWD, path, $0, text.count) } ?? -1
      }
    }
    guard length > 0, length < limit else { return nil }
    return String(validating: buffer[..<length], as: UTF8.self)
  }

  /// Makes a directory for the user alone, unless there is one.
  public static func makeDirectory(_ path: String) { mkdir(path, 0o700) }

  /// Removes a file or a link; it is no failure when there is none.
  /// - Throws: `.inputOutput`.
  public static func remove(_ path: String) throws(Failure) {
    guard unlink(path) == 0 || errno == ENOENT else { throw Failure("remove") }
  }

  /// Removes a directory that is empty; any other stays.
  public static func removeEmptyDirectory(_ path: String) { rmdir(path) }

  /// Gives a file to another group of the user's, as far as that is allowed.
  public static func setGroup(
    _ group: gid_t, of name: String, in directory: borrowing Descriptor
  ) {
    _ = fchownat(directory.number, name, uid_t.max, group, AT_SYMLINK_NOFOLLOW)
  }
}

/// The path without links, `.` and `..` (realpath(3)).
/// - Returns: `nil` when there is no such file.
public func resolvedPath(_ path: String) -> String? {
  guard let text = realpath(path, nil) else { return nil }
  defer { free(text) }
  return String(cString: text)
}

/// Paths that match a pattern of the shell.
public enum Glob {
  /// The paths of existing files, sorted; `~` is left as it is. See glob(3).
  public static func paths(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { index in
      found.gl_pathv[index].map { String(cString: $0) }
    }
  }
}
