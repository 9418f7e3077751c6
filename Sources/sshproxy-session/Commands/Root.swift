import ArgumentParser
import Configuration
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

/// The command that `sshproxy ALIAS` leaves out.
enum ImpliedConnect {
  /// Inserts `connect` where the first word is not a command: `sshproxy ALIAS [PORT]` means
  /// `sshproxy connect ALIAS [PORT]`. Nothing is inserted after an option of ArgumentParser's own
  /// (`--generate-completion-script SHELL`, the shell's `---completion`).
  /// - Throws: `.usage` where what follows cannot belong to an alias, so that a command was meant, and for an
  ///   option behind the command that stands before it.
  static func inserted(_ words: ArraySlice<String>) throws(Failure) -> [String] {
    var result = Array(words)
    var index = 0
    while index < result.count, result[index].hasPrefix("-") {
      switch result[index] {
      case let word where LocationOption(word: word) != nil: index += 2
      case "-v": index += 1
      case let word where word.contains("="): index += 1
      default: return result
      }
    }
    guard index < result.count else { return result }
    if !CommandName.all.contains(result[index]) {
      try checkRest(of: result[index...], isBehindOptions: index > 0)
      result.insert("connect", at: index)
    }
    // What follows an alias there is ssh's, and what stands before it is refused.
    if result[index] != "ssh" { try checkOptions(in: result[index...]) }
    return result
  }

  /// A word that a script was given for an alias, or ssh for a host, may be an option. It must not say where the
  /// configuration is: that has programs run. ArgumentParser would take it behind a command, too.
  private static func checkOptions(in words: ArraySlice<String>) throws(Failure) {
    let options = LocationOption.allCases.map(\.word)
    for word in words.prefix(while: { $0 != "--" }) {
      guard let option = options.first(where: { word == $0 || word.hasPrefix($0 + "=") }) else {
        continue
      }
      throw Failure(
        .usage, "\(option) stands before the command", hint: "`sshproxy help` shows the commands")
    }
  }

  private static func checkRest(
    of words: ArraySlice<String>, isBehindOptions: Bool
  ) throws(Failure) {
    guard let first = words.first else { return }
    // Of `sshproxy HOST PORT`, whose host was an option, the port is left.
    let isPort = isBehindOptions && UInt16(first) != nil
    let second = words.dropFirst().first
    guard isPort || second.map({ UInt16($0) == nil && !$0.hasPrefix("-") }) == true else { return }
    let nearest = Suggestion.nearest(to: first, among: CommandName.all.sorted())
    let question = nearest.map { "did you mean `sshproxy \($0)`? " } ?? ""
    throw Failure(
      .usage, "there is no command \"\(first.sanitized(limit: 80))\"",
      hint: question + "`sshproxy help` shows the commands")
  }
}
