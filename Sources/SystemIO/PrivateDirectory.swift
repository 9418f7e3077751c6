/// A directory that only its owner, this user, can enter or change; open, so that what is checked
/// is what is used.
public struct PrivateDirectory: ~Copyable {
  /// For calls that start at it; it ends with this value.
  public let descriptor: Descriptor

  /// Opens a directory and checks that it is ours alone, and that nobody else decides where its path
  /// leads (`SafePath`).
  /// - Parameter parent: the directory that a relative path starts at. Below a private directory
  ///   no link is followed.
  public init(opening path: String, in parent: Int32? = nil) throws(Failure) {
    if parent == nil { try SafePath.check(path) }
    let noFollow = parent == nil ? 0 : O_NOFOLLOW
    let opened = try Descriptor.open(path, flags: O_RDONLY | O_DIRECTORY | noFollow, in: parent)
    guard let status = FileStatus(of: opened.number) else {
      throw Failure("look at \(path.sanitized())")
    }
    guard status.isOwn, status.permissions & 0o022 == 0 else {
      throw Failure("use \(path.sanitized())", number: EPERM)
    }
    descriptor = opened
  }

  /// The same, made where it is missing: 0700, whatever the umask, with its parents.
  public init(making path: String, in parent: Int32? = nil) throws(Failure) {
    if parent == nil { try SafePath.check(path) }
    try PrivateDirectory.make(path, in: parent)
    try self.init(opening: path, in: parent)
    fchmod(descriptor.number, 0o700)
  }

  /// Parents are made 0700 too, and used as they are where they exist.
  private static func make(_ path: String, in parent: Int32?) throws(Failure) {
    let origin = parent ?? AT_FDCWD
    if mkdirat(origin, path, 0o700) != 0 {
      guard errno != EEXIST else { return }
      let slash = path.dropLast().lastIndex(of: "/") ?? path.startIndex
      guard errno == ENOENT, slash > path.startIndex else {
        throw Failure("make \(path.sanitized())")
      }
      try make(String(path[..<slash]), in: parent)
      guard mkdirat(origin, path, 0o700) == 0 else {
        guard errno == EEXIST else { throw Failure("make \(path.sanitized())") }
        return
      }
    }
  }

  /// Whether the directory has been removed since it was opened.
  public var isRemoved: Bool { FileStatus(of: descriptor.number)?.isRemoved ?? false }

  /// The names in the directory, without `.` and `..`, sorted.
  public func names() throws(Failure) -> [String] {
    let copy = try Descriptor.open(".", flags: O_RDONLY | O_DIRECTORY, in: descriptor.number)
    return try Self.names(in: copy).sorted()
  }

  /// The names in any directory, as they lie there.
  static func names(in directory: consuming Descriptor) throws(Failure) -> [String] {
    guard let stream = fdopendir(directory.number) else { throw Failure("read a directory") }
    _ = directory.release()
    defer { closedir(stream) }
    var result: [String] = []
    while let entry = readdir(stream) {
      // Read where it lies: of the array's 256 bytes, only those up to the NUL need be the stream's.
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
      }
      if name != ".", name != ".." { result.append(name) }
    }
    return result
  }

  /// Whether there is a file, or a link that leads to something.
  public func contains(_ name: String) -> Bool { faccessat(descriptor.number, name, F_OK, 0) == 0 }

  /// Whether there is a file that this process may read, with something in it: a power cut may leave an empty one.
  public func holdsText(_ name: String) -> Bool {
    faccessat(descriptor.number, name, R_OK, 0) == 0
      && (FileStatus(of: name, in: descriptor.number)?.size ?? 0) > 0
  }

  /// Dates a file's content to now, as far as that is possible.
  public func touch(_ name: String) { utimensat(descriptor.number, name, nil, 0) }

  /// Dates a file's content before all others, as far as that is possible.
  public func antedate(_ name: String) {
    utimensat(descriptor.number, name, [timespec(), timespec()], 0)
  }

  /// What a link says, up to 255 bytes.
  /// - Returns: `nil` when there is no such link.
  public func linkTarget(_ name: String) -> String? {
    FilePath.linkTarget(name, in: descriptor.number, limit: 256)
  }

  /// Has a link lead to `target`, in one step where there is one already.
  /// - Throws: `.inputOutput`.
  public func setLink(_ name: String, to target: String) throws(Failure) {
    let temporary = PrivateFile.temporaryName(of: name)
    unlinkat(descriptor.number, temporary, 0)
    guard symlinkat(target, descriptor.number, temporary) == 0,
      renameat(descriptor.number, temporary, descriptor.number, name) == 0
    else {
      let failure = Failure("make the link \(name.sanitized())")
      unlinkat(descriptor.number, temporary, 0)
      throw failure
    }
  }

  /// Gives a file another name.
  /// - Returns: whether it was there to be renamed.
  public func rename(_ name: String, to other: String) -> Bool {
    renameat(descriptor.number, name, descriptor.number, other) == 0
  }

  /// Removes a directory that is empty; one that is not, or no longer, stays.
  public func removeEmpty(_ name: String) {
    unlinkat(descriptor.number, name, AT_REMOVEDIR)
  }

  /// Removes a file or a link, or a directory with all that is in it, as far as that can be done.
  public func remove(_ name: String) {
    if unlinkat(descriptor.number, name, 0) == 0 || errno == ENOENT { return }
    if let below = try? PrivateDirectory(opening: name, in: descriptor.number),
      let names = try? below.names()
    {
      for name in names { below.remove(name) }
    }
    unlinkat(descriptor.number, name, AT_REMOVEDIR)
  }
}
