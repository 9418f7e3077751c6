internal import SystemIO

/// Paths in the files that ssh reads. A path that ssh versions read differently is refused.
enum QuotedPath {
  /// The path as one word of a shell command within ssh's configuration, where ssh expands `%`
  /// tokens first (Match exec and ProxyCommand in ssh_config(5)).
  static func inCommand(_ path: String) throws(Failure) -> String {
    try check(path)
    return "'" + path.replacing("%", with: "%%") + "'"
  }

  /// The path as the argument of `Include`, which is a glob pattern.
  /// - Parameter isQuoted: whether quotes are there even where ssh needs none.
  static func inInclude(_ path: String, isQuoted: Bool = false) throws(Failure) -> String {
    try check(path)
    // Include expands `%` tokens from OpenSSH 9.9 on, and takes them literally before.
    if let character = path.first(where: { "*?[%".contains($0) }) {
      throw refusal(path, "it has a \"\(character)\", which ssh's Include expands")
    }
    return !isQuoted && path.utf8.allSatisfy(isPlain) ? path : "\"\(path)\""
  }

  /// Refuses a path that could end a line, a word or its quotes, or that ssh would expand.
  static func check(_ path: String) throws(Failure) {
    guard path.hasPrefix("/") else { throw refusal(path, "it is not absolute") }
    if let character = path.first(where: { "'\"\\".contains($0) }) {
      throw refusal(path, "it has a \(character)")
    }
    if path.contains("${") { throw refusal(path, "it has a ${") }
    if path.unicodeScalars.contains(where: { $0.value < 0x20 || (0x7f...0x9f) ~= $0.value }) {
      throw refusal(path, "it has a control character")
    }
  }

  private static func refusal(_ path: String, _ problem: String) -> Failure {
    Failure(
      .configuration, step: "write ssh's configuration",
      "the path \(path.sanitized()) cannot stand there: \(problem)",
      hint: "give another place with --ssh-config, --home, --config or --state")
  }

  private static func isPlain(_ byte: UInt8) -> Bool {
    NameRule.isLetterOrDigit(byte) || Array("/._-+@:,".utf8).contains(byte)
  }
}
