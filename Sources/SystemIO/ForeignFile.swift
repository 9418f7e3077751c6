/// A file or directory of another user's in a directory of ours: what stays behind when a program was run by
/// sudo with our home, or when a container has made a directory as root.
public struct ForeignFile: Equatable, Sendable {
  public let path: String
  private let owner: uid_t

  /// The one that is in the way to `path`, itself included: below it nothing is ours.
  /// - Parameter path: an absolute path. `nil` where all is ours from some directory on; what does not exist
  ///   does not count.
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
    let word = path.sanitized().replacing("'", with: "'\\''")
    return "if it was made under sudo: `sudo chown -R \(geteuid()) '\(word)'`"
  }

  private var ownerName: String { owner == 0 ? "root" : "user \(owner)" }
}
