/// Small files that only this user can read: 0600, written completely or not at all.
public enum PrivateFile {
  /// Reads a file, which must be a regular one that belongs to us and that nobody else can write.
  /// - Parameters:
  ///   - directory: the descriptor of its directory; in it, links are not followed.
  ///   - limit: the largest size, in bytes.
  ///   - secret: whether it is refused too when others can read it.
  /// - Returns: `nil` when there is no such file.
  /// - Throws: EPERM for a file of another kind, owner or mode, EFBIG beyond the limit.
  public static func read(
    _ name: String, in directory: Int32? = nil, limit: Int, secret: Bool = false
  ) throws(Failure) -> [UInt8]? {
    let file: Descriptor
    do {
      file = try Descriptor.openToRead(
        name, flags: directory == nil ? 0 : O_NOFOLLOW, in: directory)
    } catch {
      if error.number == ENOENT || error.number == ENOTDIR { return nil }
      throw error
    }
    guard let status = FileStatus(of: file.number) else {
      throw Failure("look at \(name.sanitized())")
    }
    let forbidden: mode_t = secret ? 0o077 : 0o022
    guard status.isRegular, status.isOwn, status.permissions & forbidden == 0
    else { throw Failure("use \(name.sanitized())", number: EPERM) }
    guard let bytes = try file.readAll(limit: limit) else {
      throw Failure("read \(name.sanitized())", number: EFBIG)
    }
    return bytes
  }

  /// Writes a temporary file and renames it to `name`, so that a reader sees either the old content
  /// or the new one. A link of that name is replaced, not followed.
  /// - Parameter durable: whether to wait until the content is on the disk, for files that a power cut
  ///   must not lose.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to name: String, in directory: borrowing Descriptor,
    mode: UInt32 = 0o600, durable: Bool = false
  ) throws(Failure) {
    let temporary = temporaryName(of: name)
    try holdingSignals { () throws(Failure) in
      unlinkat(directory.number, temporary, 0)
      do throws(Failure) {
        try fill(temporary, bytes, in: directory, mode: mode, durable: durable)
        guard renameat(directory.number, temporary, directory.number, name) == 0 else {
          throw Failure("put in place")
        }
      } catch {
        unlinkat(directory.number, temporary, 0)
        throw Failure("write \(name.sanitized())", number: error.number)
      }
    }
  }

  /// Removes the temporary files left by processes that were killed while they wrote `name`. The
  /// caller must hold the lock that every writer of the file takes.
  public static func removeRemains(of name: String, in directory: borrowing PrivateDirectory) {
    for entry in (try? directory.names()) ?? [] where entry.hasPrefix(temporaryPrefix(of: name)) {
      directory.remove(entry)
    }
  }

  private static func temporaryPrefix(of name: String) -> String { ".\(name)." }

  /// What this process calls a file, or a link, until it is put in place.
  static func temporaryName(of name: String) -> String {
    temporaryPrefix(of: name) + String(getpid())
  }

  private static func fill(
    _ name: String, _ bytes: UnsafeRawBufferPointer, in directory: borrowing Descriptor,
    mode: UInt32, durable: Bool
  ) throws(Failure) {
    let file = try Descriptor.open(
      name, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode, in: directory.number)
    guard fchmod(file.number, mode_t(mode)) == 0 else { throw Failure("set the mode") }
    try file.writeAll(bytes)
    if durable, fsync(file.number) != 0 { throw Failure("write") }
    // A network file system may report only now that it is full (close(2)).
    guard close(file.release()) == 0 else { throw Failure("write") }
  }

  /// Writes a text in the same way, 0600.
  public static func write(
    _ text: String, to name: String, in directory: borrowing Descriptor
  ) throws(Failure) {
    try Array(text.utf8).withRawBytes { (bytes) throws(Failure) in
      try write(bytes, to: name, in: directory)
    }
  }
}
