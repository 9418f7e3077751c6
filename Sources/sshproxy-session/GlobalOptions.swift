import ArgumentParser

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
