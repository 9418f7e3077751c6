internal import SystemIO

/// A text file of the user's that is read, and replaced as a whole: it keeps its mode and group,
/// and a symbolic link stays one.
struct EditableFile {
  /// As it was named.
  let path: String
  /// What is there; nil when there is no file.
  let bytes: [UInt8]?
  /// Where the bytes are, behind all links.
  private let directory: String
  private let name: String
  private let mode: mode_t
  private let group: gid_t

  static let largest = 4 << 20

  /// - Throws: `.configuration` for anything but a text file of the user's own.
  init(_ path: String) throws(Failure) {
    self.path = path
    var real = path
    var status = stat()
    if lstat(path, &status) == 0, csystem_is_link(status.st_mode) != 0 {
      guard let resolved = Self.resolve(path) else {
        throw Self.refusal(path, "it is a link to nothing")
      }
      real = resolved
    }
    let slash = real.lastIndex(of: "/") ?? real.startIndex
    directory = slash == real.startIndex ? "/" : String(real[..<slash])
    name = String(real[slash...].drop { $0 == "/" })
    bytes = try Self.read(real, named: path, &status)
    mode = bytes == nil ? 0o600 : status.st_mode & 0o7777
    group = bytes == nil ? getegid() : status.st_gid
  }

  private static func read(
    _ real: String, named path: String, _ status: inout stat
  ) throws(Failure) -> [UInt8]? {
    let bytes: [UInt8]?
    do {
      // Without O_NONBLOCK a FIFO in the file's place would keep us here for ever.
      let file = try Descriptor.open(real, flags: O_RDONLY | O_NOCTTY | O_NONBLOCK)
      guard fstat(file.number, &status) == 0 else { throw SystemError("look at it") }
      if let problem = problem(status) { throw refusal(path, problem) }
      bytes = try file.readAll(limit: largest)
    } catch let error as SystemError {
      if error.number == ENOENT { return nil }
      throw refusal(path, error.reason)
    } catch let failure as Failure {
      throw failure
    } catch {
      throw refusal(path, "it cannot be read")
    }
    guard let bytes else { throw tooLarge(path) }
    guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else {
      throw refusal(path, "it is not a text in UTF-8")
    }
    return bytes
  }

  private static func problem(_ status: stat) -> String? {
    if csystem_is_regular(status.st_mode) == 0 { return "it is not a file" }
    if status.st_uid != geteuid() { return "it belongs to another user" }
    if status.st_mode & 0o002 != 0 { return "everybody can write it" }
    return nil
  }

  /// Puts `new` in the place of the old bytes, at once and on the disk, or leaves all as it was.
  /// A missing directory is made, 0700.
  /// - Throws: `.inputOutput`.
  func replace(with new: [UInt8]) throws(Failure) {
    do throws(SystemError) {
      let directory = try openDirectory()
      try Self.write(new, name, in: directory, mode: mode)
      var status = stat()
      if fstatat(directory.number, name, &status, AT_SYMLINK_NOFOLLOW) == 0,
        status.st_gid != group
      {
        _ = fchownat(directory.number, name, uid_t.max, group, AT_SYMLINK_NOFOLLOW)
      }
    } catch {
      throw failure(error)
    }
  }

  /// Takes the file away.
  /// - Throws: `.inputOutput`.
  func delete() throws(Failure) {
    guard unlink(path) == 0 || errno == ENOENT else {
      throw failure(SystemError("remove"))
    }
  }

  private func openDirectory() throws(SystemError) -> Descriptor {
    do throws(SystemError) {
      return try Descriptor.open(directory, flags: O_RDONLY | O_DIRECTORY)
    } catch {
      guard error.number == ENOENT else { throw error }
      _ = try PrivateDirectory(making: directory)
      return try Descriptor.open(directory, flags: O_RDONLY | O_DIRECTORY)
    }
  }

  private static func write(
    _ bytes: [UInt8], _ name: String, in directory: borrowing Descriptor, mode: mode_t
  ) throws(SystemError) {
    var failure: SystemError?
    bytes.withUnsafeBytes { buffer in
      do throws(SystemError) {
        try PrivateFile.write(
          buffer, to: name, in: directory, mode: UInt32(mode), durable: true)
      } catch {
        failure = error
      }
    }
    if let failure { throw failure }
  }

  /// The path behind all links; nil when there is nothing.
  static func resolve(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private func failure(_ error: SystemError) -> Failure {
    Failure(
      .inputOutput, step: "write \(path.shown())", error.reason,
      hint: error.failure.hint.map { _ in "nothing has been changed in it" })
  }

  /// The refusal of a text beyond `largest`.
  var tooLarge: Failure { Self.tooLarge(path) }

  private static func tooLarge(_ path: String) -> Failure {
    refusal(path, "it is larger than 4 MiB")
  }

  private static func refusal(_ path: String, _ problem: String) -> Failure {
    Failure(
      .configuration, step: "edit ssh's configuration",
      "\(path.shown()) is left as it is: \(problem)",
      hint: "put it right, or give another file with --ssh-config")
  }
}
