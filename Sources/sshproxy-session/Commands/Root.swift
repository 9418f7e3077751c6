import ArgumentParser
import SessionRecord
import SystemIO

/// The command line of `sshproxy`, as `sshproxy-session` parses it.
struct Root: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sshproxy",
    abstract: "Plain ssh to GPU clouds and AI sandboxes.",
    discussion: """
      ssh calls this program by itself once `sshproxy setup` has run; then \
      \(Installed.exampleAliases.map { "`ssh \($0)`" }.joined(last: "and")) work, and so does all \
      that is built on ssh.

      Example: sshproxy setup && ssh \(Installed.exampleAlias)
      """,
    version: version,
    subcommands: commands)

  private static let commands: [any ParsableCommand.Type] = [
    ConnectCommand.self, PrepareCommand.self, SetupCommand.self, SSHCommand.self,
    ExecCommand.self, OpenCommand.self, ResolveCommand.self, ListCommand.self,
    SessionsCommand.self, CloseCommand.self, LoginCommand.self, CheckCommand.self,
  ]

  @OptionGroup var globalOptions: GlobalOptions
}

/// Options that stand before the command. `setup` writes them into ssh's configuration, so that a
/// process with a different environment finds the same files.
struct GlobalOptions: ParsableArguments {
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
