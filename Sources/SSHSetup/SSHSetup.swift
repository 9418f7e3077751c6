public import Configuration
public import OpenSSH
public import SystemIO

/// What `setup` does to ssh's configuration: it writes two files of our own beside the user's, and an
/// `Include` of the first as the first line of the user's.
public struct SSHSetup: Sendable {
  /// The user's configuration, an absolute path.
  public let configFile: String
  private let managed: ManagedFile
  let sshHome: String?
  /// The names under `[hosts]`.
  var names: [String] { managed.patterns.names }

  /// - Parameters:
  ///   - program: the absolute path of the `sshproxy` program.
  ///   - patterns: the hosts for which ssh calls us.
  ///   - fdpass: whether the socket is passed to ssh (`ProxyUseFdpass`).
  ///   - listsMachines: whether readers are shown the machines that `list` showed last.
  ///   - configFile: `nil` for `~/.ssh/config`; a relative path starts at the current directory.
  ///   - sshHome: the home directory that ssh knows, the password file's.
  public init(
    program: String, files: FileLocations, patterns: AliasPatterns, fdpass: Bool = true,
    listsMachines: Bool = false, configFile: String? = nil, sshHome: String? = nil
  ) {
    managed = ManagedFile(
      program: program, files: files, patterns: patterns, fdpass: fdpass,
      listsMachines: listsMachines)
    self.sshHome = sshHome
    self.configFile = Self.absolute(configFile ?? Self.usualFile(in: files.home))
  }

  /// The user's configuration in its usual place.
  public static func usualFile(in home: String) -> String { home + "/.ssh/config" }

  /// The value of ProxyCommand for one alias, for ssh's command line or a file of its own.
  /// - Parameters:
  ///   - alias: as ssh is to give it: `%n`, or an alias itself.
  ///   - reach: how far it may lead, by what ssh's other settings are for.
  /// - Throws: `.configuration` for a path that cannot be written there.
  public static func proxyCommand(
    program: String, files: FileLocations, alias: String = "%n", fdpass: Bool = true,
    reach: ProgramCall.Reach? = nil
  ) throws(Failure) -> String {
    try ManagedFile.call(of: program, files)
      .connecting(to: alias, fdpass: fdpass, reach: reach)
  }

  /// What ssh calls: the program with the same files in any environment.
  /// - Throws: `.configuration` for a path that cannot be written there.
  public func call() throws(Failure) -> ProgramCall {
    try ManagedFile.call(of: managed.program, managed.files)
  }

  /// The same for a program, wherever `setup` has run.
  /// - Throws: as above.
  public static func call(
    of program: String, _ files: FileLocations
  ) throws(Failure) -> ProgramCall { try ManagedFile.call(of: program, files) }

  /// The home in which ssh finds both its configuration and what that includes by a relative path; `nil` where
  /// these are two: ssh takes the first from the password file, and for the second HOME counts (glob(3), which
  /// expands the `~`).
  private var homeOfIncludes: String? { sshHome == managed.files.home ? sshHome : nil }

  /// The path of our first file, beside the user's: what any program can read.
  public var managedFile: String { beside(ManagedFile.name) }

  /// The path of our second file: what OpenSSH alone reads in full.
  public var matchFile: String { beside(ManagedFile.matchName) }

  private func beside(_ name: String) -> String { Self.beside(configFile, name) }

  private static func beside(_ configFile: String, _ name: String) -> String {
    let slash = configFile.lastIndex(of: "/") ?? configFile.startIndex
    return configFile[..<slash] + "/" + name
  }

  /// The user's configuration in its usual place, and our files beside it.
  public static func usualFiles(in home: String) -> [String] {
    let user = usualFile(in: home)
    return [user] + [ManagedFile.name, ManagedFile.matchName].map { beside(user, $0) }
  }

  /// How ssh's configuration compares with what `setup` would write now.
  public enum Status: Sendable, Equatable {
    case current
    /// `setup` was never run, or was undone.
    case missing
    /// Our file is not what `setup` would write now.
    /// - `lacking`: the patterns for which ssh does not call us yet.
    case behind(lacking: [String])
    /// Our file is not included by the first line: it is not read at all, or an earlier line may take
    /// precedence.
    case notIncludedFirst
  }

  /// - Throws: `.configuration` when one of the files cannot be understood.
  public func status() throws(Failure) -> Status {
    let files = try read()
    let isPresent = files.include.isPresent(in: files.user.bytes ?? [])
    let behind = Status.behind(lacking: lackingPatterns(files))
    guard let text = files.own.bytes else { return isPresent ? behind : .missing }
    if !isPresent, let problem = files.user.hindrance { throw notIncluded(files, problem) }
    let isLeft = isPresent && files.user.hindrance != nil
    guard isLeft || files.include.isFirst(in: files.user.bytes ?? []) else {
      return .notIncludedFirst
    }
    guard text == Array(try ownText(files).utf8) else { return behind }
    let match = files.match.bytes ?? []
    // With or without fd passing: either was the user's choice.
    for fdpass in [true, false] {
      let other = ManagedFile(
        program: managed.program, files: managed.files,
        patterns: managed.patterns.withThose(of: match), fdpass: fdpass,
        listsMachines: managed.listsMachines)
      if try match == Array(other.matchText().utf8) { return .current }
    }
    return behind
  }

  /// The patterns for which ssh does not call us yet, though `setup` has run: it has to run again.
  /// - Returns: none where it never ran.
  public func lackingPatterns() throws(Failure) -> [String] { lackingPatterns(try read()) }

  private func lackingPatterns(_ files: Files) -> [String] {
    files.match.bytes.map(managed.patterns.lacking) ?? []
  }

  /// What would be written, for people: our two files, with the `Include` line in a comment.
  public func preview() throws(Failure) -> String {
    let include = try IncludeLine(managedFile, sshHome: homeOfIncludes)
    return """
      # The first line of \(configFile.sanitized(limit: 4096)):
      #   \(include.text)
      # \(managedFile.sanitized(limit: 4096)):
      \(try managed.text(matchFile: matchFile, made: nil))
      # \(matchFile.sanitized(limit: 4096)):
      \(try managed.matchText())
      """
  }

  /// What would change, as a unified diff. In bytes, as the files are edited.
  public func difference() throws(Failure) -> [UInt8] {
    let files = try read()
    let new = try texts(files)
    return UnifiedDiff.text(path: matchFile, from: files.match.bytes, to: new.match)
      + UnifiedDiff.text(path: managedFile, from: files.own.bytes, to: new.own)
      + UnifiedDiff.text(path: configFile, from: files.user.bytes, to: new.user)
  }

  /// What `apply` has done.
  public struct Outcome: Sendable {
    /// The paths that were changed; none if all were up to date.
    public var changed: [String] = []
    /// The patterns of vendors for which ssh called us before, and does not any more.
    public let surplus: [String]
  }

  /// Writes the files, ours first, so that ssh never includes a file that does not exist yet.
  /// - Throws: `.configuration` for a file that cannot be understood, and where others can change what ssh
  ///   would read, `.inputOutput` when a file cannot be written; the user's file is then as it was.
  public func apply() throws(Failure) -> Outcome {
    try refuseSharedState()
    let files = try read()
    let new = try texts(files)
    var outcome = Outcome(surplus: files.match.bytes.map(managed.patterns.surplus) ?? [])
    if files.match.bytes != new.match {
      try files.match.replace(with: new.match)
      outcome.changed.append(matchFile)
    }
    if files.own.bytes != new.own {
      try files.own.replace(with: new.own)
      outcome.changed.append(managedFile)
    }
    if files.user.bytes ?? [] != new.user {
      if let problem = files.user.hindrance { throw notIncluded(files, problem) }
      try files.user.replace(with: new.user)
      outcome.changed.append(configFile)
    }
    return outcome
  }

  /// Undoes `apply`: the user's file gets back the bytes that it had before.
  /// - Returns: the paths that were changed or removed.
  /// - Throws: what `apply` throws.
  public func remove() throws(Failure) -> [String] {
    let files = try read()
    var changed: [String] = []
    if let old = files.user.bytes {
      let new = files.include.removed(from: old)
      if new != old {
        let isOurs = ManagedFile.notes(files.own.bytes ?? [], made: configFile)
        if files.user.hindrance != nil {
          // Our own files go all the same: ssh passes over an Include of a file that is missing.
        } else if new.isEmpty, isOurs {
          try files.user.delete()
        } else {
          try files.user.replace(with: new)
        }
        if files.user.hindrance == nil { changed.append(configFile) }
      }
    }
    for (file, path) in [(files.own, managedFile), (files.match, matchFile)]
    where file.bytes != nil {
      try file.delete()
      changed.append(path)
    }
    if let problem = files.user.hindrance, files.include.isPresent(in: files.user.bytes ?? []) {
      throw locked(problem, "remove `\(files.include.text)` where it is made")
    }
    return changed
  }

  /// ssh reads the generated files for every host, and looks neither at the directories that lead there nor
  /// where a link in a file's place leads.
  private func refuseSharedState() throws(Failure) {
    let path = managed.files.stateDirectory
    guard let problem = SafePath.problem(inOrLeadingTo: path) else { return }
    throw Failure(
      .configuration, step: "edit ssh's configuration",
      "every ssh would read files in \(path.sanitized()), and \(problem.clause)",
      hint: "\(problem.remedy), or set XDG_STATE_HOME", cause: .system(EPERM))
  }

  private func notIncluded(_ files: Files, _ problem: String) -> Failure {
    locked(problem, "add `\(files.include.text)` as its first line where it is made")
  }

  /// The failure for a file of the user's that only another program writes.
  private func locked(_ problem: String, _ remedy: String) -> Failure {
    Failure(
      .inputOutput, step: "edit ssh's configuration",
      "\(configFile.sanitized()) cannot be written: \(problem)", hint: remedy)
  }

  private struct Files {
    let user: EditableFile
    let own: EditableFile
    let match: EditableFile
    let include: IncludeLine
  }

  private func read() throws(Failure) -> Files {
    let include = try IncludeLine(managedFile, sshHome: homeOfIncludes)
    try QuotedPath.check(configFile)
    let files = Files(
      user: try EditableFile(configFile), own: try EditableFile(managedFile),
      match: try EditableFile(matchFile), include: include)
    for file in [files.own, files.match] {
      guard let text = file.bytes, !text.isEmpty, !ManagedFile.isOurs(text) else { continue }
      throw Failure(
        .configuration, step: "edit ssh's configuration",
        "\(file.path.sanitized()) is left as it is: `sshproxy setup` did not write it",
        hint: "move it away and run `sshproxy setup` again")
    }
    return files
  }

  private func texts(
    _ files: Files
  ) throws(Failure) -> (own: [UInt8], match: [UInt8], user: [UInt8]) {
    var user = files.user.bytes ?? []
    // What cannot be written is left where the line is in it, wherever it stands.
    if files.user.hindrance == nil || !files.include.isPresent(in: user) {
      user = files.include.added(to: user)
      // A file that is too large to be read again could not be restored by `remove`.
      guard user.count <= EditableFile.largest else { throw files.user.tooLarge }
    }
    return (Array(try ownText(files).utf8), Array(try managed.matchText().utf8), user)
  }

  private func ownText(_ files: Files) throws(Failure) -> String {
    try managed.text(matchFile: matchFile, made: madeNote(files, files.own.bytes ?? []))
  }

  /// The path of the user's file, if `setup` has created it or is about to.
  private func madeNote(_ files: Files, _ own: [UInt8]) -> String? {
    files.user.bytes == nil || ManagedFile.notes(own, made: configFile) ? configFile : nil
  }

  /// The absolute path without `.` parts. If it has `..` parts, links are resolved, because behind a
  /// link `..` leads to another place than the text suggests.
  private static func absolute(_ path: String) -> String {
    var path = path
    if !path.hasPrefix("/") { path = (resolvedPath(".") ?? "") + "/" + path }
    var parts = path.split(separator: "/").filter { $0 != "." }
    guard parts.contains(".."), let name = parts.popLast(),
      let directory = resolvedPath("/" + parts.joined(separator: "/"))
    else { return "/" + parts.joined(separator: "/") }
    return (directory == "/" ? "" : directory) + "/" + name
  }
}
