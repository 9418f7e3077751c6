internal import SystemIO

/// Paths in the files of `setup`. One that ssh versions read differently is refused.
enum QuotedPath {
  /// The path as one word of a shell command within ssh's configuration.
  static func inCommand(_ path: String) throws(Failure) -> String {
    try check(path)
    return ConfigPath.shellWord(path)
  }

  /// The path as the argument of `Include`, which is a glob pattern.
  /// - Parameter isQuoted: whether quotes are there even where ssh needs none.
  static func inInclude(_ path: String, isQuoted: Bool = false) throws(Failure) -> String {
    try check(path)
    // Include expands `%` tokens from OpenSSH 9.9 on, and takes them literally before.
    if let character = path.unicodeScalars.first(where: { "*?[%".unicodeScalars.contains($0) }) {
      throw refusal(path, "has a \"\(character)\", which ssh's Include expands")
    }
    return !isQuoted && ConfigPath.isPlain(path) ? path : "\"\(path)\""
  }

  /// Refuses a path that could end a line, a word or its quotes, or that ssh would expand.
  static func check(_ path: String) throws(Failure) {
    if let rule = ConfigPath.brokenInCommand(by: path) { throw refusal(path, rule) }
  }

  private static func refusal(_ path: String, _ clause: String) -> Failure {
    Failure(
      .configuration, step: "write ssh's configuration",
      "the path \(path.sanitized()) cannot stand there: it \(clause)",
      hint: "give another place with --ssh-config, --home, --config or --state")
  }
}
