/// The path without links, `.` and `..` (realpath(3)).
/// - Returns: `nil` when there is no such file.
public func resolvedPath(_ path: String) -> String? {
  guard let text = realpath(path, nil) else { return nil }
  defer { free(text) }
  return String(cString: text)
}
