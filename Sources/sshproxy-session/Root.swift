import ArgumentParser
import SessionRecord

/// The command `sshproxy`, as far as `sshproxy-session` carries it out.
struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sshproxy",
    abstract: "Plain ssh to GPU clouds and AI sandboxes.",
    discussion: """
      ssh calls this program by itself once `sshproxy setup` has run; then `ssh sb1.prime`, \
      `ssh dm-abc.dedalus` and `ssh node1.tensorpool` work, and so does all that is built on ssh.

      Example: sshproxy setup && ssh sb1.prime
      """,
    version: version,
    subcommands: commands)

  private static let commands: [any ParsableCommand.Type] = [
    ConnectCommand.self, PrepareCommand.self, SetupCommand.self, SSHCommand.self,
    ExecCommand.self, ResolveCommand.self, ListCommand.self, SessionsCommand.self,
    CloseCommand.self,
    LoginCommand.self, CheckCommand.self,
  ]

  /// The names of all commands.
  static let commandNames = Set(commands.map { $0._commandName } + ["help"])

  @OptionGroup var places: Places
}

/// Options in front of the command. `setup` writes them into ssh's configuration, so that a process
/// with another environment finds the same files.
struct Places: ParsableArguments {
  @Option(
    help: ArgumentHelp("The home directory, instead of $HOME.", valueName: "directory"),
    completion: .directory)
  var home: String?

  @Option(
    help: ArgumentHelp("Where config.toml is.", valueName: "directory"), completion: .directory)
  var config: String?

  @Option(
    help: ArgumentHelp("Where sessions are kept.", valueName: "directory"), completion: .directory)
  var state: String?

  @Flag(name: .customShort("v"), help: "Say each step with its time, on standard error.")
  var verbose = false
}
