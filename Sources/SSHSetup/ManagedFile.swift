internal import Configuration
internal import OpenSSH
internal import SessionRecord
internal import SystemIO

/// The texts of the two files that belong to `setup` alone. They make ssh call `sshproxy` twice: while it
/// reads its configuration, and for the connection.
///
/// Many programs read ssh's configuration by themselves, and none knows all of its grammar. Some fail at
/// any `Match`; others ignore it and give its lines to every host. So what `Match` is needed for stands
/// in a second file, behind an `Include` in quotes that the first kind does not follow, and before each
/// `Match` stands a `Host` line with the same hosts, which the second kind goes by.
struct ManagedFile: Sendable {
  /// What any program can read.
  static let name = "sshproxy.conf"
  /// What OpenSSH alone reads in full.
  static let matchName = "sshproxy-match.conf"
  private static let mark = "# Written by `sshproxy setup`; changes are lost."

  /// The absolute path of the `sshproxy` program.
  let program: String
  let files: FileLocations
  /// Whose hosts ssh calls us for.
  let patterns: AliasPatterns
  let fdpass: Bool
  /// Whether the machines that `list` showed last are listed, too.
  let listsMachines: Bool

  /// The text of the first file: names for the readers that list hosts, and what leads to the rest.
  /// - Parameters:
  ///   - matchFile: the absolute path of the second file.
  ///   - made: the ssh configuration, if `setup` has created it. It is noted in the text, so that
  ///     `--remove` deletes that file again.
  func text(matchFile: String, made: String?) throws(Failure) -> String {
    var lines = [
      Self.mark,
      "# `sshproxy setup` again follows the configuration; `sshproxy setup --remove` undoes it.",
    ]
    if let made { lines.append(Self.note(made)) }
    lines.append("Include " + (try QuotedPath.inInclude(matchFile, isQuoted: true)))
    lines.append("Include " + (try QuotedPath.inInclude(generated(StateDirectory.hostsName))))
    if listsMachines {
      lines.append("Include " + (try QuotedPath.inInclude(generated(StateDirectory.machinesName))))
    }
    lines += ConfigLine.runs(of: patterns.names, room: ConfigLine.longest - "Host ".utf8.count)
      .map { "Host " + $0.joined(separator: " ") }
    lines.append("Host *")
    return lines.joined(separator: "\n") + "\n"
  }

  /// The text of the second file.
  func matchText() throws(Failure) -> String {
    let list = try patterns.checked()
    let call = try Self.call(of: program, files)
    let include =
      "    Include " + (try QuotedPath.inInclude(generated(StateDirectory.configurationName)))
    // `exec` replaces the shell by our program, whose parent is ssh then: so it notices ssh's end. The
    // words are such as sh, csh and fish read alike. ssh itself puts an `exec` before a ProxyCommand, so
    // this is the only place that can say what a program that is gone means.
    let file = try QuotedPath.inCommand(program)
    let gone = "'set -f; echo \(Self.goneMessage) >&2; exit 127'"
    let prepare =
      "\"test -x \(file) && exec \(call.text) prepare '%n' || exec sh -c \(gone) \(file)\""
    // Up to OpenSSH 9.5, `%n` reaches the shell unescaped, and a host may come from a git URL. A host
    // with a character that could end the single quotes around it (in fish also a backslash) is no
    // alias, and must not reach a shell (CVE-2023-51385).
    let head = ("Match originalhost ", " !originalhost \"*'*,*\\*\" exec \(prepare)")
    let room = ConfigLine.longest - head.0.utf8.count - head.1.utf8.count
    var lines = [Self.mark]
    for run in ConfigLine.runs(of: list, room: room) {
      let hosts = "Host " + run.joined(separator: " ")
      let list = run.joined(separator: ",")
      lines += [
        hosts, head.0 + list + head.1, include,
        // The exclusions stand first and last for wezterm, which splits at commas and keeps quotes.
        hosts, "Match originalhost \"!*'*,\(list),!*\\*\"",
        "    ProxyCommand \(call.connecting(to: "%n", fdpass: fdpass))",
      ]
      if fdpass { lines.append("    ProxyUseFdpass yes") }
      // For programs that know neither `Match originalhost` nor `%n`. To ssh the lines above count.
      lines += [
        hosts + " \"!*'*\" \"!*\\*\"",
        "    ProxyCommand \(call.connecting(to: "%h", fdpass: false))",
      ]
    }
    lines.append("Host *")
    return lines.joined(separator: "\n") + "\n"
  }

  /// For sh's echo, which puts the program's path for `$0`. No quotes can stand in it, nor what any shell
  /// reads otherwise.
  private static let goneMessage =
    "sshproxy: error: $0 is gone: install sshproxy again, or take our Include out of your ssh config"

  private func generated(_ name: String) -> String { "\(files.stateDirectory)/\(name)" }

  /// Whether a text begins like one that `setup` wrote.
  static func isOurs(_ text: [UInt8]) -> Bool { text.starts(with: (mark + "\n").utf8) }

  /// Whether a text that `setup` wrote says that it made `file`, too.
  static func notes(_ text: [UInt8], made file: String) -> Bool {
    isOurs(text)
      && text.split(separator: 0x0a).prefix(4).contains { $0.elementsEqual(note(file).utf8) }
  }

  private static func note(_ file: String) -> String { "# It also made \(file)." }

  /// The command that runs the program with the same files in any environment.
  static func call(of program: String, _ files: FileLocations) throws(Failure) -> ProgramCall {
    let usual = try FileLocations(home: files.home, environment: [:])
    var directories: [LocationOption: String] = [.home: files.home]
    if files.configurationDirectory != usual.configurationDirectory {
      directories[.config] = files.configurationDirectory
    }
    if files.stateDirectory != usual.stateDirectory { directories[.state] = files.stateDirectory }
    for path in [program] + directories.values { try QuotedPath.check(path) }
    return ProgramCall(program, directories)
  }
}

/// What a file that `setup` has written claims, beside what it would claim now.
extension AliasPatterns {
  /// These, and the suffixes of other vendors that the file has: `setup` may have run where a key was in the
  /// environment.
  func withThose(of file: [UInt8]) -> AliasPatterns {
    guard known.count > suffixes.count else { return self }
    let there = Self.claimed(by: file)
    return AliasPatterns(
      suffixes: known.filter { suffixes.contains($0) || there.contains("*.\($0)") }, names: names,
      known: known)
  }

  /// The patterns that the file lacks.
  func lacking(in file: [UInt8]) -> [String] {
    let there = Self.claimed(by: file)
    return disjoint.filter { !there.contains($0) }
  }

  /// The patterns of vendors' suffixes that the file has beyond these.
  func surplus(in file: [UInt8]) -> [String] {
    let there = Self.claimed(by: file)
    return known.filter { !suffixes.contains($0) }.map { "*.\($0)" }.filter(there.contains)
  }

  /// The patterns of its `Host` lines.
  private static func claimed(by file: [UInt8]) -> Set<String> {
    let lines = SettingLine.lines(of: file).compactMap(SettingLine.init)
    return Set(lines.filter { $0.keyword == "host" }.flatMap(\.arguments))
  }
}
