import SystemIO

/// Where the `sshproxy` program is installed, and whether ssh's configuration can name that for long.
struct ProgramLocation {
  private let program: String

  /// - Parameter program: the absolute path that is written.
  init(_ program: String) {
    self.program = program
  }

  /// - Throws: `.configuration` for a package runner's cache, from which it vanishes without a word.
  func check() throws(Failure) {
    let parts = program.split(separator: "/").map(String.init)
    let named = Environment.value("UV_CACHE_DIR") ?? ""
    let isInNamed = named.hasPrefix("/") && program.hasPrefix(named + "/")
    // The second is uv's name for the environments of one run, wherever its cache is.
    let isCached = parts.contains(".cache") || parts.contains { $0.hasPrefix("archive-v") }
    guard isCached || isInNamed else { return }
    throw Failure(
      .configuration, step: "edit ssh's configuration",
      "\(program.sanitized()) lies in a cache, which may be emptied at any time",
      hint: "install it to stay: `uv tool install sshproxy` or `pipx install sshproxy`; then "
        + "`sshproxy setup`")
  }

  /// What may be a surprise later. A link in PATH, as `uv tool` and pipx make, is none.
  var note: String? {
    if let problem = SafePath.problem(leadingTo: program) {
      return "\(problem.clause), and so which program ssh runs as \(program.sanitized()): "
        + "\(problem.remedy), or install it elsewhere"
    }
    guard let bin = program.lastIndex(of: "/"),
      let slash = program[..<bin].lastIndex(of: "/"),
      FilePath.exists(String(program[..<slash]) + "/pyvenv.cfg")
    else { return nil }
    return "ssh will call \(program.sanitized()), in a virtual environment: when that is moved or "
      + "deleted, run `sshproxy setup` of another installation"
  }
}
