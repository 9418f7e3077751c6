import ArgumentParser
import Configuration
import SSHSetup
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
        root.globalOptions, waitingFor: "preparing \(alias.spelling)",
        waiter: upkeep != nil ? .nobody : lifeline ? .lifeline : .reader,
        // While `connect` asks, it goes on showing its own line.
        showsProgress: ask == nil && drop == nil && upkeep == nil, confinesTalks: true)
      if let drop { return try SessionProbe.drop(drop, alias, context) }
      if let upkeep { return try SessionProbe(Plan(context, alias)).upkeep(of: upkeep) }
      guard lifeline else {
        UnheardFailure.tell(alias, context)
        return try prepare(alias, context)
      }
      do throws(Failure) {
        try prepare(alias, context)
      } catch {
        UnheardFailure.keep(error, alias, context)
        throw error
      }
    }
  }

  private func prepare(_ alias: Alias, _ context: Context) throws(Failure) {
    if let ask {
      _ = try SessionProbe(Plan(context, alias)).ask(about: ask)
      return
    }
    let plan = try plan(alias, context)
    if CallingSSH.onlyPrints, !plan.configuration.connection.preparesOnPrint { return }
    _ = try plan.prepare()
    // Where there is no session, nothing is to change; ssh reads the blocks when we have ended.
    if root.globalOptions.home != nil { try keepCall(plan, context) }
  }

  /// `setup`'s lines have run us, but what it has written into the state directory is not there: that was removed,
  /// or is another one, or `setup` has run on another computer. It is written anew; where that fails, ssh is told
  /// no more than before.
  private func keepCall(_ plan: Plan, _ context: Context) throws(Failure) {
    let store = try plan.store()
    guard store.call == nil else { return }
    do throws(Failure) {
      let call = try SSHSetup.call(of: try InstalledPrograms.calledSSHProxy(), context.files)
      try store.setCall(call, until: Moment.now + Self.timeout, caller: context.caller)
    } catch {
      if error.kind == .cancelled { throw error }
      context.trace(error.text)
    }
  }

  /// How long what ssh calls may take to be kept, in milliseconds.
  private static let timeout = 2000

  /// ssh runs `connect` even when `prepare` has failed. What the session manager throws it remembers
  /// itself; a plan that cannot be made is remembered here.
  private func plan(_ alias: Alias, _ context: Context) throws(Failure) -> Plan {
    do throws(Failure) {
      return try Plan(context, alias)
    } catch {
      context.liveLine.clear()
      if error.kind != .cancelled,
        let store = try? context.store(),
        let lock = try? AliasLock(alias.name, in: store, until: Moment.now, caller: context.caller)
      {
        lock.remember(error)
      }
      throw error
    }
  }
}
