internal import SystemIO

/// A key file that a provider names on this computer.
package enum OwnFile {
  /// The largest key file, in bytes: no key is nearly as long. ssh itself reads a file of any length
  /// into memory, and /proc has files without an end.
  package static let largest = 64 << 10

  /// The absolute path, if `path` is absolute or `~/…`, has no `%`, `$` or `..`, can be written in
  /// a line of ssh's configuration, and is a regular file of the user's below `~/.ssh`, of 1 byte to `largest`.
  /// A link counts as the file that it leads to.
  package static func path(_ path: String, home: String) -> String? {
    guard path.hasPrefix("/") || path.hasPrefix("~/") else { return nil }
    guard !path.utf8.contains("%"), !path.utf8.contains("$") else { return nil }
    guard !path.utf8.parts(by: "/").contains(where: { $0.elementsEqual("..".utf8) }) else {
      return nil
    }
    let absolute = path.hasPrefix("~/") ? home + path.dropFirst() : path
    // `~/.ssh/./././id` may be as long as its author likes.
    guard let line = try? Setting(.identityFile, absolute).line(),
      line.utf8.count <= ConfigLine.longest - 2,
      let folder = resolvedPath(home + "/.ssh"), let place = resolvedPath(absolute),
      place.hasPrefix(folder + "/"),
      !["/proc/", "/sys/", "/dev/"].contains(where: { place.hasPrefix($0) })
    else { return nil }
    guard let status = FileStatus(of: place), status.isRegular, status.isOwn,
      (1...largest).contains(status.size)
    else { return nil }
    return absolute
  }
}
