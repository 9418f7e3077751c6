/// Whether only this user and root can change where a path leads: what sshd asks of the way to a
/// user's keys (its `safe_path`), of every directory below the root.
///
/// Whoever can rename a directory on the way, or owns a link in it, decides which file is opened.
public enum SafePath {
  /// The first part of a path that somebody else can change.
  public struct Problem: Sendable, Equatable {
    enum Kind { case owner, writable, link }

    /// The directory or link.
    public let path: String
    let kind: Kind

    /// What is wrong, as a clause.
    public var clause: String {
      switch kind {
      case .owner: "\(path.sanitized()) belongs to another user"
      case .writable: "others can change \(path.sanitized())"
      case .link: "\(path.sanitized()) is another user's link"
      }
    }

    /// What to do, as the beginning of a sentence.
    public var remedy: String {
      switch kind {
      case .owner: "choose a place below a directory of your own"
      case .writable: "`chmod go-w \(path.sanitized().quotedForShell)`"
      case .link: "remove the link"
      }
    }
  }

  /// Looks at every directory and link that leads to `path`, and not at what it leads to: that is for
  /// whoever opens it to check. What does not exist yet is no problem.
  /// - Parameter path: an absolute path; where a relative one starts is not looked at.
  public static func problem(leadingTo path: String) -> Problem? {
    var rest = [String](parts(of: path).reversed())
    // Without links, `.` and `..`; empty for the root.
    var way = ""
    // Behind a directory that nobody else can enter, what a group may write harms nobody: under the
    // umask 002 of some systems every new directory is of that kind.
    var isClosed = false
    var links = 0
    while let name = rest.popLast() {
      if name == ".." {
        way = String(way[..<(way.lastIndex(of: "/") ?? way.startIndex)])
        isClosed = false
        continue
      }
      let next = "\(way)/\(name)"
      guard let status = FileStatus(of: next, followsLinks: false) else { return nil }
      let isOurs = status.isOwn || status.owner == 0
      if status.isLink {
        guard isOurs else { return Problem(path: next, kind: .link) }
        links += 1
        // Opening it fails then.
        guard links <= 40, let target = FilePath.linkTarget(next, limit: Int(PATH_MAX)) else {
          return nil
        }
        if target.hasPrefix("/") { (way, isClosed) = ("", false) }
        rest += parts(of: target).reversed()
        continue
      }
      guard !rest.isEmpty, status.isDirectory else { return nil }
      guard isOurs || isUnmapped(status.owner) else { return Problem(path: next, kind: .owner) }
      let isSticky = status.permissions & 0o1000 != 0
      let forbidden: mode_t = isClosed || isOfPrivateGroup(status, next) ? 0o002 : 0o022
      guard isSticky || status.permissions & forbidden == 0 else {
        return Problem(path: next, kind: .writable)
      }
      if status.permissions & 0o011 == 0 { isClosed = true }
      way = next
    }
    return nil
  }

  /// The same, with the directory itself, in which nobody else may make a file: it may not even be sticky.
  public static func problem(inOrLeadingTo directory: String) -> Problem? {
    if let problem = problem(leadingTo: directory) { return problem }
    guard let status = FileStatus(of: directory) else { return nil }
    if !status.isOwn { return Problem(path: directory, kind: .owner) }
    return status.permissions & 0o022 == 0 ? nil : Problem(path: directory, kind: .writable)
  }

  /// - Throws: EPERM, naming the part that somebody else can change.
  static func check(_ path: String) throws(Failure) {
    guard let problem = problem(leadingTo: path) else { return }
    throw Failure("use \(path.sanitized()): \(problem.clause)", number: EPERM)
  }

  /// Whether the group is the user's alone, as far as a number can tell: systems that give each user a
  /// group of the same number make new directories with the umask 002. With an access control list the group's
  /// bits are those of all whom that names.
  private static func isOfPrivateGroup(_ status: FileStatus, _ path: String) -> Bool {
    status.owner != 0 && status.group == status.owner && status.group == getegid()
      && csystem_has_access_list(path) == 0
  }

  private static func parts(of path: String) -> [String] {
    path.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
      .filter { $0 != "." }
  }

  /// Whether the owner is one whom a user namespace does not know (user_namespaces(7)): the root
  /// outside of a container, who owns its `/` and `/home`.
  private static func isUnmapped(_ owner: uid_t) -> Bool {
    guard owner == 65534, let bytes = ProcFile.read("self/uid_map", limit: 4096) else {
      return false
    }
    let words = String(decoding: bytes, as: UTF8.self).split { $0 == " " || $0 == "\n" }
    return words != ["0", "0", "4294967295"]
  }
}

/// A file or directory of another user's in a directory of ours: what stays behind when a program was run by
/// sudo with our home, or when a container has made a directory as root.
public struct ForeignFile: Equatable, Sendable {
  /// Where it is: absolute.
  public let path: String
  private let owner: uid_t

  /// The first file or directory on the way to `path`, or `path` itself, that belongs to another user although
  /// it stands in a directory of ours. What lies below it counts as in the way only until something is ours again.
  /// - Parameter path: absolute; it need not exist to its end.
  /// - Returns: `nil` where the last that exists is ours, or nothing on the way is.
  public init?(leadingTo path: String) {
    var way = ""
    var isBelowOurs = false
    var found: (path: String, owner: uid_t)?
    for name in path.split(separator: "/") {
      way += "/\(name)"
      guard let status = FileStatus(of: way, followsLinks: false) else { break }
      if status.isOwn { found = nil } else if isBelowOurs { found = (way, status.owner) }
      isBelowOurs = status.isOwn
    }
    guard let found else { return nil }
    self.path = found.path
    owner = found.owner
  }

  /// What is wrong, as a clause.
  public var clause: String { "\(path.sanitized()) belongs to \(ownerName)" }

  /// What to do. What root gives itself, its owner cannot use any more; and what an ordinary user has put
  /// there is nothing to be given to oneself with root's rights.
  public var remedy: String {
    if geteuid() == 0 { return "run it without sudo, as \(ownerName)" }
    guard owner == 0 else { return "move it away: others could write there" }
    let word = path.sanitized().quotedForShell
    return "if it was made under sudo: `sudo chown -R \(geteuid()) \(word)`"
  }

  private var ownerName: String { owner == 0 ? "root" : "user \(owner)" }
}
