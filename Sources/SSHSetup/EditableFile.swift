internal import Configuration
internal import SystemIO

/// A text file of the user's that is read and replaced as a whole. It keeps its mode and group, and a
/// symbolic link remains a link.
struct EditableFile {
  /// The path as it was given.
  let path: String
  /// The content; `nil` when there is no file.
  let bytes: [UInt8]?
  /// The real directory and name of the file, links resolved.
  private let directory: String
  private let name: String
  private let mode: mode_t
  private let group: gid_t
  private let isOurs: Bool

  /// Why the file cannot be replaced, as a clause; `nil` where it can be. Such files come from
  /// home-manager, stow and the like: ssh reads them, and so do we.
  var hindrance: String? {
    guard isOurs else { return "it belongs to root" }
    guard bytes != nil || FilePath.exists(directory) else { return nil }
    do throws(Failure) {
      try FilePath.checkWritable(directory)
      return nil
    } catch {
      return "\(directory.sanitized()): \(error.message)"
    }
  }

  /// The largest file that is edited, in bytes.
  static let largest = 4 << 20

  /// - Throws: `.configuration` unless it is a text file of the user's own or root's, or missing.
  init(_ path: String) throws(Failure) {
    self.path = path
    var real = path
    if FileStatus(of: path, followsLinks: false)?.isLink == true {
      guard let resolved = resolvedPath(path) else {
        throw Self.refusal(path, "it is a link to nothing")
      }
      real = resolved
    }
    let slash = real.lastIndex(of: "/") ?? real.startIndex
    directory = slash == real.startIndex ? "/" : String(real[..<slash])
    name = String(real[slash...].drop { $0 == "/" })
    let found = try UserFile.content(
      of: real, limit: Self.largest,
      check: { (status) throws(Failure) in
        // As ssh itself, which reads root's files too.
        guard status.isOwn || status.owner == 0 else {
          throw Self.refusal(path, "it belongs to another user", cause: .system(EPERM))
        }
        // Whether the user's group may, each ssh judges by itself: some allow a group of one.
        guard status.permissions & 0o002 == 0 else {
          throw Self.refusal(path, "everybody can write it")
        }
      }, refusal: { Self.refusal(path, $0, cause: $1) })
    bytes = found.map { Array($0.text.utf8) }
    guard bytes?.contains(0) != true else {
      throw Self.refusal(path, "it is no text: it has a zero byte")
    }
    mode = found?.status.permissions ?? 0o600
    group = found?.status.group ?? User.group
    isOurs = found?.status.isOwn ?? true
  }

  /// Replaces the content atomically and waits until it is on the disk. A missing directory is made,
  /// 0700.
  /// - Throws: `.inputOutput`.
  func replace(with new: [UInt8]) throws(Failure) {
    do throws(Failure) {
      let directory = try openDirectory()
      try new.withRawBytes { (bytes) throws(Failure) in
        try PrivateFile.write(bytes, to: name, in: directory, mode: UInt32(mode), durable: true)
      }
      let written = FileStatus(of: name, in: directory.number, followsLinks: false)
      if let written, written.group != group {
        FilePath.setGroup(group, of: name, in: directory)
      }
    } catch {
      throw failure(error)
    }
  }

  /// Deletes the file.
  /// - Throws: `.inputOutput`.
  func delete() throws(Failure) {
    do throws(Failure) { try FilePath.remove(path) } catch { throw failure(error) }
  }

  private func openDirectory() throws(Failure) -> Descriptor {
    do throws(Failure) {
      return try Descriptor.open(directory, flags: O_RDONLY | O_DIRECTORY)
    } catch {
      guard error.number == ENOENT else { throw error }
      _ = try PrivateDirectory(making: directory)
      return try Descriptor.open(directory, flags: O_RDONLY | O_DIRECTORY)
    }
  }

  private func failure(_ error: Failure) -> Failure {
    Failure(
      .inputOutput, step: "write \(path.sanitized())",
      "\(error.message); nothing has been changed in it", cause: error.cause)
  }

  /// The failure for a text that an edit makes larger than `largest`.
  var tooLarge: Failure { Self.refusal(path, "it would be larger than 4 MiB") }

  private static func refusal(
    _ path: String, _ problem: String, cause: Failure.Cause? = nil
  ) -> Failure {
    Failure(
      .configuration, step: "edit ssh's configuration",
      "\(path.sanitized()) is left as it is: \(problem)",
      hint: "put it right, or give another file with --ssh-config", cause: cause)
  }
}
