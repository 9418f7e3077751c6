import ArgumentParser
import Sessions
import SystemIO

struct PrepareCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "prepare",
    abstract: "Reuse or create the session of an alias; quiet when there is nothing to do.",
    discussion: """
      ssh runs this while it reads its configuration.

      Example: sshproxy prepare \(Installed.exampleAlias)
      """)

  @ParentCommand var root: Root

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String

  @Flag(help: .hidden)
  var lifeline = false

  @Option(help: .hidden)
  var ask: String?

  @Option(help: .hidden)
  var drop: String?

  @Option(help: .hidden)
  var upkeep: String?

  func run() throws {
    let alias = try Alias(alias)
    try about(alias) { () throws(Failure) in
      let context = try Context(
        root.globalOptions, waitingFor: "preparing \(alias.spelling)", lifeline: lifeline,
        // While `connect` asks, it goes on showing its own line.
        showsProgress: ask == nil && drop == nil && upkeep == nil, confinesTalks: true,
        isUnattended: upkeep != nil)
      if let upkeep { return try SessionProbe(context, alias).lookAfter(upkeep) }
      if let drop { return try SessionProbe(context, alias).drop(drop) }
      if let ask { return try SessionProbe(context, alias).ask(about: ask) }
      if CallingSSH.onlyPrints, try !context.configuration().connection.preparesOnPrint { return }
      _ = try context.prepare(alias)
    }
  }
}
