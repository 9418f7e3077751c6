internal import SystemIO

/// A file that a provider names on this computer.
enum OwnFile {
  /// The absolute path, if `path` is absolute or `~/…`, has no `%`, `$` or `..`, can be written in
  /// ssh's configuration, and is a regular file of the user's.
  static func path(_ path: String, home: String) -> String? {
    guard path.hasPrefix("/") || path.hasPrefix("~/") else { return nil }
    guard !path.utf8.contains("%"), !path.utf8.contains("$") else { return nil }
    guard !path.utf8.parts(by: "/").contains(where: { $0.elementsEqual("..".utf8) }) else {
      return nil
    }
    let absolute = path.hasPrefix("~/") ? home + path.dropFirst() : path
    guard (try? ConfigPath.written(absolute, for: "IdentityFile")) != nil else { return nil }
    var status = stat()
    guard stat(absolute, &status) == 0, csystem_is_regular(status.st_mode) != 0,
      status.st_uid == geteuid()
    else { return nil }
    return absolute
  }
}
