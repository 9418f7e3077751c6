import Configuration
import Providers
import SSHClient
import SSHSetup
import SessionRecord
import Sessions
import SystemIO

/// Checks what does not depend on an alias: programs, libraries, configuration, files, `setup`.
struct InstallationCheck {
  let context: Context
  let report: CheckReport
  /// ssh's configuration file; `nil` for ssh's default.
  let sshConfig: String?

  /// How long a program may take to print its version, in milliseconds.
  private static let timeout = 10_000

  /// - Returns: the configuration, where it can be read, and the shell, where it could be tried.
  func run() throws(Failure) -> (configuration: Configuration?, shell: ShellTrial?) {
    try report.step("programs", programs)
    try report.step("ssh", ssh)
    try report.step("libraries") { () throws(Failure) in
      .green("\(try HTTPClient.libraryVersions()), libssh2/\(SSHSession.version)")
    }
    try report.step("confinement") { () in ConfinementReach.finding() }
    var configuration: Configuration?
    try report.step("configuration") { () throws(Failure) in
      configuration = try context.configuration()
      let path = context.files.configurationFile
      return .green(FilePath.exists(path) ? path.sanitized() : "no file, so all defaults")
    }
    try report.step("home", home)
    let unconfigured = VendorSources(context.files, environment: context.environment)
    let clientFiles =
      configuration?.clientFiles ?? Installed.facts.flatMap { $0.clientFiles(unconfigured) }
    try report.step("files") { () throws(Failure) in try files(clientFiles) }
    try report.step("state", state)
    var shell: ShellTrial?
    try report.step("shell") { () throws(Failure) in
      let trial = try ShellTrial(context.environment, caller: context.caller)
      shell = trial
      return trial.finding
    }
    var read: ToolRun?
    try report.step("ssh's files") { () throws(Failure) in try readable(&read) }
    if let configuration {
      try report.step("setup") { () throws(Failure) in try setup(configuration) }
      try report.step("ciphers") { () throws(Failure) in try ciphers(configuration, read) }
      if let seconds = configuration.connection.block.multiplex {
        try report.step("multiplex") { () in multiplex(seconds) }
      }
    }
    return (configuration, shell)
  }

  private func programs() throws(Failure) -> Finding {
    let program = try InstalledPrograms.sshproxy()
    let run = try ToolRun(
      program, ["--version"], until: Moment.now + Self.timeout, caller: context.caller)
    let other = run.lines.first?.text ?? "none"
    guard run.status == 0, other == version else {
      throw InstalledPrograms.mismatch(program, other)
    }
    return .green("\(version), \(program.sanitized())")
  }

  private func ssh() throws(Failure) -> Finding {
    let program = try InstalledPrograms.ssh()
    let run = try ToolRun(
      program, ["-V"], until: Moment.now + Self.timeout, caller: context.caller)
    return .green("\(run.lines.first?.text ?? "of unknown version"), \(program.sanitized())")
  }

  private func home() throws(Failure) -> Finding {
    let ours = context.files.home.sanitized()
    guard let other = context.foreignConfigFile else { return .green(ours) }
    let detail = "ssh reads \(other.sanitized()), but $HOME is \(ours)"
    guard sshConfig == nil else { return .green(detail) }
    return .yellow(detail, hint: "\(SetupCommand.commandLine(other)), or run ssh with -F")
  }

  private func files(_ clientFiles: [String]) throws(Failure) -> Finding {
    let state = context.files.stateDirectory
    if let foreign = Ownership.inState(context.files) {
      return .red(foreign.clause, hint: foreign.remedy, status: .inputOutput)
    }
    let generated = [StateDirectory.sessionsName, StateDirectory.configurationName]
    let places: [(String, UserFile.Trust)] =
      ([state] + generated.map { "\(state)/\($0)" } + [context.files.credentialsFile])
      .map { ($0, .secret) }
      + ([context.files.configurationFile] + clientFiles).map { ($0, .configuration) }
    for (path, trust) in places {
      guard let problem = UserFile.problem(with: path, trust) else { continue }
      return .red(
        problem.message, hint: Ownership.advice(on: problem), status: .inputOutput)
    }
    return .green("yours alone")
  }

  /// Makes and writes what the commands would.
  private func state() throws(Failure) -> Finding {
    let path = context.files.stateDirectory
    let name = ".check"
    do throws(Failure) {
      let directory = try PrivateDirectory(making: path)
      defer { directory.remove(name) }
      // As much as a session takes.
      try PrivateFile.write(
        String(repeating: "\n", count: 64 * 1024), to: name, in: directory.descriptor)
    } catch {
      return .red(
        "no session can be kept in \(path.sanitized()): \(error.message)",
        hint: Ownership.advice(on: error), status: .inputOutput)
    }
    return .green("\(path.sanitized()) can be written")
  }

  /// What ssh itself says of its configuration, for a host that is nobody's.
  private func readable(_ read: inout ToolRun?) throws(Failure) -> Finding {
    let run = try ToolRun.printing(
      ToolRun.unusedHost, sshConfig, within: Self.timeout, caller: context.caller)
    read = run
    return run.refusal ?? .green("ssh reads them")
  }

  private func multiplex(_ seconds: Int) -> Finding {
    guard let problem = SharedConnection.problem(state: context.files.stateDirectory) else {
      return .green("connections are shared, and kept for \(seconds) s")
    }
    return .yellow(problem, hint: SharedConnection.hint)
  }

  private func ciphers(
    _ configuration: Configuration, _ read: ToolRun?
  ) throws(Failure) -> Finding {
    let choice = try CipherChoice(
      configuration, sshConfig: sshConfig, read: read, caller: context.caller)
    let store = try context.store()
    let detail = choice.reason ?? "aes128-gcm first, which this processor does fastest"
    let isOnlyLeft = configuration.connection.block.leavesCiphers
    guard store.hasFastCipher == (choice.reason == nil) || isOnlyLeft else {
      return .yellow(
        "\(detail); new sessions do not know it", hint: "run `sshproxy setup`")
    }
    return .green(detail)
  }

  private func setup(_ configuration: Configuration) throws(Failure) -> Finding {
    let path = sshConfig ?? context.foreignConfigFile
    let setup = try context.setup(configuration, configFile: path)
    let file = setup.configFile.sanitized()
    let again = "run " + SetupCommand.commandLine(path)
    switch try setup.status() {
    case .current:
      if let conflict = setup.aliasConflicts().first {
        return .yellow(conflict.explanation, hint: conflict.remedy)
      }
      guard try context.store().call == setup.call() else {
        return .yellow("ssh is not told yet where each session alone may lead", hint: again)
      }
      return .green("\(file) includes \(setup.managedFile.sanitized())")
    case .missing:
      return .red("\(file) does not call sshproxy", hint: again, status: .configuration)
    case .behind(let lacking):
      guard lacking.isEmpty else {
        return .yellow("ssh does not call sshproxy for \(lacking.joined(last: "and"))", hint: again)
      }
      return .yellow(
        "\(setup.managedFile.sanitized()) or \(setup.matchFile.sanitized()) is not what `setup` would "
          + "write now", hint: again)
    case .notIncludedFirst:
      return .yellow(
        "\(file) does not include \(setup.managedFile.sanitized()) in its first line",
        hint: again + " to have it there")
    }
  }
}

/// What of the confinement this kernel takes, tried in child processes. It is no fault of the user's
/// where that is little, so it is told and not judged.
private enum ConfinementReach {
  static func finding() -> Finding {
    let reach = Confinement.withinReach
    // `exec` keeps what the relay does.
    let streaming = words(reach.streaming, calls: "system calls", network: "network")
    let talking = words(reach.talking, calls: "programs", network: "TCP ports")
    return .green("relay and exec: \(streaming); talks with providers: \(talking)")
  }

  private static func words(
    _ extent: Confinement.Extent, calls: String, network: String
  ) -> String {
    var denied: [String] = []
    if extent.contains(.files) { denied.append("files") }
    if extent.contains(.network) { denied.append(network) }
    if extent.contains(.calls) { denied.append(calls) }
    var missing: [String] = []
    if !extent.contains(.files) {
      missing.append("Landlock")
    } else if !extent.contains(.network) {
      missing.append("Landlock for TCP (Linux 6.7)")
    }
    if !extent.contains(.calls) { missing.append("seccomp") }
    let first = denied.isEmpty ? "not confined" : "bars " + denied.joined(separator: ", ")
    return missing.isEmpty ? first : first + " (no \(missing.joined(separator: ", no ")))"
  }
}
