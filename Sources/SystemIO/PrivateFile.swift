/// Small files for this user alone: 0600, written whole or not at all.
public enum PrivateFile {
  /// Reads a file that must be a regular one, ours, and writable by nobody else.
  /// - Parameters:
  ///   - directory: the descriptor of its directory.
  ///   - secret: then nobody else may read it either.
  /// - Returns: `nil` when there is none.
  public static func read(
    _ name: String, in directory: Int32? = nil, limit: Int, secret: Bool = false
  ) throws(SystemError) -> [UInt8]? {
    let file: Descriptor
    do {
      let noFollow = directory == nil ? 0 : O_NOFOLLOW
      // Without O_NONBLOCK a FIFO in the file's place would keep us here for ever.
      file = try Descriptor.open(
        name, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY | noFollow, in: directory)
    } catch {
      if error.number == ENOENT || error.number == ENOTDIR { return nil }
      throw error
    }
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw SystemError("look at \(name.shown())") }
    let forbidden: mode_t = secret ? 0o077 : 0o022
    guard csystem_is_regular(status.st_mode) != 0, status.st_uid == geteuid(),
      status.st_mode & forbidden == 0
    else { throw SystemError("use \(name.shown())", number: EPERM) }
    guard let bytes = try file.readAll(limit: limit) else {
      throw SystemError("read \(name.shown())", number: EFBIG)
    }
    return bytes
  }

  /// Writes a file beside its name and renames it over, so that a reader sees the old one or the
  /// new one, whatever happens in between. A link in the way is replaced, not followed.
  /// - Parameter durable: waits until it is on the disk, for what a power cut must not lose.
  public static func write(
    _ bytes: UnsafeRawBufferPointer, to name: String, in directory: borrowing Descriptor,
    mode: UInt32 = 0o600, durable: Bool = false
  ) throws(SystemError) {
    let temporary = temporaryPrefix(of: name) + String(getpid())
    try holdingSignals { () throws(SystemError) in
      unlinkat(directory.number, temporary, 0)
      do throws(SystemError) {
        try fill(temporary, bytes, in: directory, mode: mode, durable: durable)
        guard renameat(directory.number, temporary, directory.number, name) == 0 else {
          throw SystemError("put in place")
        }
      } catch {
        unlinkat(directory.number, temporary, 0)
        throw SystemError("write \(name.shown())", number: error.number)
      }
    }
  }

  /// Removes what processes that were killed while they wrote a file have left beside it. Whoever
  /// calls it holds the lock that every writer of the file takes.
  public static func removeRemains(of name: String, in directory: borrowing PrivateDirectory) {
    for entry in (try? directory.names()) ?? [] where entry.hasPrefix(temporaryPrefix(of: name)) {
      directory.remove(entry)
    }
  }

  private static func temporaryPrefix(of name: String) -> String { ".\(name)." }

  private static func fill(
    _ name: String, _ bytes: UnsafeRawBufferPointer, in directory: borrowing Descriptor,
    mode: UInt32, durable: Bool
  ) throws(SystemError) {
    let file = try Descriptor.open(
      name, flags: O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode, in: directory.number)
    guard fchmod(file.number, mode_t(mode)) == 0 else { throw SystemError("set the mode") }
    try file.writeAll(bytes)
    if durable, fsync(file.number) != 0 { throw SystemError("write") }
    // A network file system tells only now that it is full (close(2)).
    guard close(file.release()) == 0 else { throw SystemError("write") }
  }

  public static func write(
    _ text: String, to name: String, in directory: borrowing Descriptor
  ) throws(SystemError) {
    var failure: SystemError?
    var text = text
    text.withUTF8 { bytes in
      do throws(SystemError) {
        try write(UnsafeRawBufferPointer(bytes), to: name, in: directory)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }
}
