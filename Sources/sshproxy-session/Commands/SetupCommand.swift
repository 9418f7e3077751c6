import ArgumentParser
import Configuration
import SSHSetup
import Sessions
import SystemIO

struct SetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Let ssh call sshproxy: one Include in its configuration, and a file beside it.",
    discussion: """
      Writes `Include sshproxy.conf` as the first line of FILE, and beside it sshproxy.conf and \
      sshproxy-match.conf. ssh calls sshproxy for \
      \(Installed.facts.filter(\.isAlwaysClaimed).map { "*.\($0.suffix)" }.joined(last: "and")), for \
      another vendor's suffix once there is a key for it or its table in config.toml, and for the names \
      under [hosts]: run it again after one of these has been added. Nothing else of FILE changes, and \
      --remove gives back the very bytes.

      Example: sshproxy setup --diff && sshproxy setup
      """)

  @ParentCommand var root: Root

  @Option(
    help: ArgumentHelp("ssh's configuration (default: ~/.ssh/config).", valueName: "file"),
    completion: .file())
  var sshConfig: String?

  @Flag(name: .customLong("print"), help: "Show what would be written, and write nothing.")
  var onlyPrint = false

  @Flag(help: "Show the change as a unified diff, and write nothing.")
  var diff = false

  @Flag(help: "Undo it: give back the very bytes.")
  var remove = false

  @Flag(help: "Relay every byte instead of handing the connection to ssh.")
  var noFdpass = false

  @Flag(help: "Hand the connection to ssh, whatever your shell does when it starts.")
  var fdpass = false

  /// How long `setup` waits for whoever stores a session, in milliseconds.
  private static let timeout = 5000

  func validate() throws {
    guard [onlyPrint, diff, remove].filter({ $0 }).count <= 1 else {
      throw ValidationError("--print, --diff and --remove exclude each other")
    }
    guard !(fdpass && noFdpass) else {
      throw ValidationError("--fdpass and --no-fdpass exclude each other")
    }
  }

  func run() throws {
    // What is printed may have no reader any more: what has been begun is finished all the same.
    let context = try Context(root.globalOptions, waiter: .parent())
    // To take our lines away, none is needed.
    let configuration =
      remove
      ? Configuration.standard(
        context.files, environment: context.environment, vendors: Installed.facts)
      : try context.configuration()
    let program = try InstalledPrograms.sshproxy()
    let location = ProgramLocation(program)
    if !remove {
      try location.check()
      try configuration.checkCredentials()
    }
    let trial =
      remove ? nil : try ShellTrial(context.environment, caller: context.caller)
    let setup = try context.setup(
      configuration, configFile: sshConfig, fdpass: passes(trial))
    if onlyPrint { return print(try setup.preview(), terminator: "") }
    if diff {
      return print(String(decoding: try setup.difference(), as: UTF8.self), terminator: "")
    }
    let outcome = remove ? nil : try setup.apply()
    let changed = try outcome?.changed ?? setup.remove()
    for path in changed { print("\(verb(path)) \(path.sanitized())") }
    if changed.isEmpty { print("nothing to do") }
    if remove { SessionStore.forgetSetup(in: context.files.stateDirectory) }
    if let surplus = outcome?.surplus, !surplus.isEmpty {
      Report.line(
        "note: ssh does not call sshproxy for \(surplus.joined(last: "and")) any more: there is "
          + "neither a key nor a table in config.toml")
    }
    if !remove {
      tellSessions(setup, context, configuration)
      warnAboutSharing(context, configuration)
      warnAboutNames(setup)
      if let note = location.note { Report.line("note: " + note) }
      if !changed.isEmpty { sayWhatIsNext(configuration) }
    }
    warnAboutHome(context)
    if let trial { warn(about: trial) }
    warnAboutShell(context.environment["SHELL"] ?? "")
  }

  private func sayWhatIsNext(_ configuration: Configuration) {
    let vendors = configuration.vendors
    if let vendor = vendors.first(where: { configuration.hasKey(for: $0.kind) }) {
      let suffix = configuration.suffix(of: vendor.kind)
      sayNext("`sshproxy list` shows your machines; `ssh NAME.\(suffix)` logs in to one")
    } else if let name = configuration.aliasPatterns.names.first {
      sayNext("`ssh \(name)` logs in")
    } else {
      let names = vendors.map(\.name)
      sayNext("`sshproxy login PROVIDER` stores an API key (\(names.joined(separator: ", ")))")
    }
  }

  private func sayNext(_ text: String) {
    let name = "next: "
    print(name + WrappedText.lines(text, indent: name.count))
  }

  private func warnAboutSharing(_ context: Context, _ configuration: Configuration) {
    guard configuration.connection.block.multiplex != nil,
      let problem = SharedConnection.problem(state: context.files.stateDirectory)
    else { return }
    Report.line("note: \(problem); \(SharedConnection.hint)")
  }

  /// ssh works without this, too: `check` tells where it has failed.
  private func tellSessions(
    _ setup: SSHSetup, _ context: Context, _ configuration: Configuration
  ) {
    guard let store = try? context.store() else { return }
    let caller = context.caller
    try? store.setCall(setup.call(), until: Moment.now + Self.timeout, caller: caller)
    guard let choice = try? CipherChoice(configuration, sshConfig: sshConfig, caller: caller)
    else { return }
    try? store.setFastCipher(choice.reason == nil)
    try? store.renewCiphers(until: Moment.now + Self.timeout, caller: caller)
  }

  /// Whether ssh is to be passed the socket: what the user says, else what the shell allows.
  private func passes(_ trial: ShellTrial?) -> Bool {
    if fdpass || noFdpass { return fdpass }
    if case .unfit? = trial?.verdict { return false }
    return true
  }

  private func warn(about trial: ShellTrial) {
    switch trial.verdict {
    case .good: break
    case .unusable: Report.line("note: \(trial.finding.detail); \(trial.remedy)")
    case .unfit(let problem):
      guard !noFdpass else { return }
      let outcome =
        fdpass
        ? "and fd passing, which you have asked for, may fail"
        : "so every byte is relayed instead of handing the connection to ssh"
      Report.line("note: \(trial.shell.sanitized()) \(problem), \(outcome); \(trial.remedy)")
    }
  }

  private func warnAboutNames(_ setup: SSHSetup) {
    for conflict in setup.aliasConflicts() {
      Report.line("note: \(conflict.explanation); \(conflict.remedy)")
    }
  }

  private func verb(_ path: String) -> String {
    guard remove else { return "wrote" }
    return FilePath.exists(path) ? "restored" : "removed"
  }

  /// ssh runs our commands by $SHELL, in single quotes.
  private func warnAboutShell(_ shell: String) {
    let name = shell.split(separator: "/").last.map(String.init) ?? ""
    guard !remove, ["csh", "tcsh"].contains(name) else { return }
    Report.line(
      "note: your shell is \(name), in which a line end ends a quoted word; no ssh from 8.4 on passes "
        + "on a host name that has one")
  }

  private func warnAboutHome(_ context: Context) {
    guard sshConfig == nil, let other = context.foreignConfigFile else { return }
    Report.line(
      "note: ssh reads \(other.sanitized()), the password file's home, not "
        + "\(SSHSetup.usualFile(in: context.files.home).sanitized()): give --ssh-config, or run ssh with -F"
    )
  }

  /// What a person runs.
  /// - Parameter sshConfig: the file for its option; `nil` without one.
  static func commandLine(_ sshConfig: String?) -> String {
    "`sshproxy setup\(sshConfig.map { " --ssh-config " + $0.sanitized().quotedForShell } ?? "")`"
  }
}
