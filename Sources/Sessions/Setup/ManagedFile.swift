internal import SystemIO

/// The text of `sshproxy.conf`, which belongs to `setup` alone. It makes ssh call `sshproxy` twice:
/// while it reads its configuration, and for the connection.
struct ManagedFile: Sendable {
  static let name = "sshproxy.conf"
  private static let mark = "# Written by `sshproxy setup`; changes are lost."

  /// The absolute path of the `sshproxy` program.
  let program: String
  let files: FileLocations
  /// The patterns for `Match originalhost`.
  let patterns: [String]
  let fdpass: Bool

  /// - Parameter made: the ssh configuration, if `setup` has created it. It is noted in the text, so
  ///   that `--remove` deletes that file again.
  func text(made: String?) throws(Failure) -> String {
    let list = try patternList()
    let include = try QuotedPath.inInclude(files.stateDirectory + "/ssh_config")
    let call = try call()
    var lines = [
      Self.mark,
      "# `sshproxy setup` again follows the configuration; `sshproxy setup --remove` undoes it.",
    ]
    if let made { lines.append(Self.note(made)) }
    lines += [
      // `exec` replaces the shell by our program, whose parent is ssh then: so it notices ssh's end.
      "Match originalhost \(list) exec \"exec \(call) prepare '%n'\"",
      "    Include \(include)",
      "Match originalhost \(list)",
      "    ProxyCommand \(call) connect \(fdpass ? "--fdpass " : "")'%n'",
    ]
    if fdpass { lines.append("    ProxyUseFdpass yes") }
    lines.append("Match all")
    return lines.joined(separator: "\n") + "\n"
  }

  /// Whether a text begins like one that `setup` wrote.
  static func isOurs(_ text: [UInt8]) -> Bool { text.starts(with: (mark + "\n").utf8) }

  /// Whether a text that `setup` wrote says that it made `file`, too.
  static func notes(_ text: [UInt8], made file: String) -> Bool {
    isOurs(text)
      && text.split(separator: 0x0a).prefix(4).contains { $0.elementsEqual(note(file).utf8) }
  }

  private static func note(_ file: String) -> String { "# It also made \(file)." }

  /// The command that runs the program with the same files in any environment.
  func call() throws(Failure) -> String {
    var call = try QuotedPath.inCommand(program)
    call += " --home \(try QuotedPath.inCommand(files.home))"
    let usual = try FileLocations(home: files.home, environment: [:])
    if files.configurationDirectory != usual.configurationDirectory {
      call += " --config \(try QuotedPath.inCommand(files.configurationDirectory))"
    }
    if files.stateDirectory != usual.stateDirectory {
      call += " --state \(try QuotedPath.inCommand(files.stateDirectory))"
    }
    return call
  }

  private func patternList() throws(Failure) -> String {
    for pattern in patterns {
      let name = pattern.hasPrefix("*.") ? String(pattern.dropFirst(2)) : pattern
      if let rule = NameRule.broken(by: name) {
        throw Failure(.fault, "\"\(pattern.shown())\" cannot stand in ssh's configuration: \(rule)")
      }
    }
    // Up to OpenSSH 9.5, `%n` reaches the shell unescaped, and a host may come from a git URL. A host
    // with a character that could end the single quotes around it (in fish also a backslash) is no
    // alias, and must not reach a shell (CVE-2023-51385).
    return patterns.joined(separator: ",").lowercased() + " !originalhost \"*'*,*\\*\""
  }
}
