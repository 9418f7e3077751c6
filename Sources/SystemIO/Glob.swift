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
