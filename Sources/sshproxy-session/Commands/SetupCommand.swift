import ArgumentParser
import Sessions
import SystemIO

struct SetupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "setup",
    abstract: "Let ssh call sshproxy: one Include in its configuration, and a file beside it.",
    discussion: """
      Writes `Include sshproxy.conf` as the first line of FILE, and beside it sshproxy.conf and \
      sshproxy-match.conf. Run it again after adding names under [hosts]. Nothing else of FILE \
      changes, and --remove gives back the very bytes.

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

  func validate() throws {
    guard [onlyPrint, diff, remove].filter({ $0 }).count <= 1 else {
      throw ValidationError("--print, --diff and --remove exclude each other")
    }
  }

  func run() throws {
    let context = try Context(root.globalOptions)
    let configuration = try context.configuration()
    let setup = SSHSetup(
      program: try InstalledPrograms.sshproxy(), files: context.files,
      patterns: configuration.aliasPatterns, fdpass: !noFdpass,
      listsMachines: configuration.connection.listsMachines, configFile: sshConfig,
      sshHome: Context.passwordFileHome)
    if onlyPrint { return print(try setup.preview(), terminator: "") }
    if diff {
      return print(String(decoding: try setup.difference(), as: UTF8.self), terminator: "")
    }
    let changed = remove ? try setup.remove() : try setup.apply()
    for path in changed { print("\(verb(path)) \(path.sanitized())") }
    if changed.isEmpty { print("nothing to do") }
    if !remove { warnAboutNames(setup) }
    warnAboutHome(context.files.home)
    warnAboutShell(context.environment["SHELL"] ?? "")
  }

  private func warnAboutNames(_ setup: SSHSetup) {
    for host in setup.namesOfBoth() { Report.line("note: \(host.explanation); \(host.remedy)") }
  }

  private func verb(_ path: String) -> String {
    guard remove else { return "wrote" }
    return access(path, F_OK) == 0 ? "restored" : "removed"
  }

  /// ssh runs our commands by $SHELL, in single quotes.
  private func warnAboutShell(_ shell: String) {
    let name = shell.split(separator: "/").last.map(String.init) ?? ""
    guard !remove, ["csh", "tcsh"].contains(name) else { return }
    Report.line(
      "note: your shell is \(name), in which a line end ends a quoted word; no ssh from 8.4 on passes "
        + "on a host name that has one")
  }

  /// For `~`, ssh uses the password file's home, we use $HOME.
  private func warnAboutHome(_ home: String) {
    guard sshConfig == nil, let other = Context.passwordFileHome, other != home else { return }
    Report.line(
      "note: ssh reads \(other.sanitized())/.ssh/config, the password file's home, not "
        + "\(home.sanitized())/.ssh/config: give --ssh-config, or run ssh with -F")
  }
}
