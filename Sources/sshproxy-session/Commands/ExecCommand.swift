import ArgumentParser
import Configuration
import Endpoint
import OpenSSH
import Providers
import SSHClient
import Sessions
import SystemIO

struct ExecCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "exec",
    abstract: "Run a command there, without OpenSSH.",
    discussion: """
      Standard input, output and error and the exit status pass through; 128 + n for a signal, 255 \
      for a connection that failed. The words of the command are joined by spaces, and the shell \
      there reads them, as with ssh.

      Example: tar c . | sshproxy exec \(Installed.exampleAlias) -- tar x -C /data
      """)

  @ParentCommand var root: Root

  @Flag(help: "Make a session for this command alone: nothing is written, and it is closed.")
  var ephemeral = false

  @Flag(help: "Record the key of a host that is not among your known hosts.")
  var acceptNew = false

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String

  @Argument(
    parsing: .postTerminator, help: ArgumentHelp("The command, after --.", valueName: "command"))
  var command: [String] = []

  func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("there is no command: write it after --, like `-- uname -a`")
    }
  }

  func run() throws {
    let destination = try Destination(alias)
    let alias = destination.alias
    let status = try about(alias) { () throws(Failure) in
      guard ephemeral else {
        return try runStored(try plan(alias, .parent()), destination)
      }
      let interruption = try Interruption.watch()
      defer { withExtendedLifetime(interruption) {} }
      do throws(Failure) {
        return try runOnce(
          try plan(alias, .parent(interruption: interruption.number)), destination)
      } catch {
        if let status = Interruption.status { return status }
        throw error
      }
    }
    throw ExitCode(status)
  }

  private func plan(_ alias: Alias, _ waiter: Waiter) throws(Failure) -> Plan {
    let context = try Context(
      root.globalOptions, waitingFor: "connecting to \(alias.spelling)", waiter: waiter)
    return try Plan(context, alias)
  }

  private func runStored(_ plan: Plan, _ destination: Destination) throws(Failure) -> Int32 {
    let alias = destination.alias
    let connector = plan.connector(acceptsNew: acceptNew)
    defer { withExtendedLifetime(connector) {} }
    let stored = try plan.prepare(forLibSSH2: true)
    connector.login = destination.login(for: stored.session)
    return try connected(alias) { () throws(Failure) in
      try relay(try plan.connect(connector, to: stored), plan.context) { Confinement.toStreaming() }
    }
  }

  private func runOnce(_ plan: Plan, _ destination: Destination) throws(Failure) -> Int32 {
    let alias = destination.alias
    let connector = plan.connector(acceptsNew: acceptNew)
    defer { withExtendedLifetime(connector) {} }
    let session = try plan.manager().open(for: plan.pointerForLibSSH2)
    connector.login = destination.login(for: session.session)
    let result = Result { () throws(Failure) in
      try connected(alias) { () throws(Failure) in
        try relay(try connector.connect(to: session), plan.context) {
          confineToClosing(plan)
        }
      }
    }
    do throws(Failure) {
      try close(session, plan)
    } catch {
      Report.line("note: the session could not be closed: \(error.message)")
    }
    if let status = Interruption.status { return status }
    return try result.get()
  }

  /// Ends the session at the provider, even when nobody waits for us any more.
  private func close(_ new: borrowing NewSession, _ plan: Plan) throws(Failure) {
    guard new.session.id != nil else { return }
    try plan.providers.provider(for: plan.target).close(
      new.session, until: Moment.now + Closing.timeout)
  }

  /// Leaves this process what `close` takes: the provider, with the key that opened the session. A
  /// provider that is a program of the user's own has to be run for it, with all that it may do.
  private func confineToClosing(_ plan: Plan) {
    switch plan.target.provider {
    case .static: Confinement.toStreaming()
    case .command: break
    default: plan.providers.confine()
    }
  }

  private func relay(
    _ session: consuming SSHSession, _ context: Context, confine: () -> Void
  ) throws(Failure) -> Int32 {
    MemoryLimit.set()
    let channel = try session.execute(command.joined(separator: " "))
    context.liveLine.clear()
    return try channel.run(
      input: STDIN_FILENO, output: STDOUT_FILENO, error: STDERR_FILENO, confine: confine)
  }

  /// Reports a failed connection with ssh's status for it. A full disk or the like keeps its own
  /// status.
  private func connected(
    _ alias: Alias, _ body: () throws(Failure) -> Int32
  ) throws(Failure) -> Int32 {
    do throws(Failure) {
      return try body()
    } catch {
      guard error.kind != .cancelled, error.kind != .inputOutput else { throw error }
      _ = Report.of(error.about(alias.spelling))
      return InstalledPrograms.statusOfFailedSSH
    }
  }
}
