import ArgumentParser
import Configuration
import Endpoint
import OpenSSH
import SSHClient
import SessionRecord
import Sessions
import SystemIO

struct ConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Stream to the alias's SSH server on standard input and output.",
    discussion: """
      What ssh runs as its ProxyCommand; `sshproxy ALIAS` is the same. By itself it brings ssh neither \
      a login nor a key: where these are the session's, use `sshproxy setup` or `sshproxy ssh`. Without \
      setup it is for machines that you log in to by a key of your own, like `train` of [hosts].

      Example: ssh -o 'ProxyCommand sshproxy connect %h' ubuntu@train
      """)

  @ParentCommand var root: Root

  @Flag(
    name: .customLong(ConnectOption.fdpass.rawValue),
    help: "Hand the connection to ssh (ProxyUseFdpass) where it asks for one.")
  var fdpass = false

  @Flag(help: "Go through the endpoint to another SSH server: localhost:22 there.")
  var jump = false

  @Option(help: ArgumentHelp("The server to go to from the endpoint.", valueName: "host:port"))
  var jumpTo: String?

  @Flag(name: .customLong(ConnectOption.prepared.rawValue), help: .hidden)
  var prepared = false

  @Option(name: .customLong(ConnectOption.onlyTo.rawValue), help: .hidden)
  var onlyTo: String?

  @Option(name: .customLong(ConnectOption.onlyBehind.rawValue), help: .hidden)
  var onlyBehind: String?

  @Argument(help: "The alias, like \(Installed.exampleAlias).", completion: .aliases)
  var alias: String

  @Argument(help: "Accepted and ignored, so that %h %p may stand in ssh's configuration.")
  var port: UInt16?

  /// What `sshproxy` cannot read it leaves to us, and we would leave it to `sshproxy` again.
  func validate() throws {
    for place in [onlyTo, onlyBehind].compactMap({ $0 }) { _ = try HostAndPort(place) }
  }

  func run() throws {
    let alias = try Alias(alias)
    try about(alias) { () throws(Failure) in
      try ThroughLoop.check(alias.name)
      let context = try Context(root.globalOptions, waitingFor: "connecting to \(alias.spelling)")
      let destination = try jumpTo.map { (text) throws(Failure) in try HostAndPort(text) }
      do throws(Failure) {
        try run(alias, context, destination)
      } catch {
        UnheardFailure.keep(error, alias, context)
        throw error
      }
    }
  }

  private func run(
    _ alias: Alias, _ context: Context, _ destination: HostAndPort?
  ) throws(Failure) {
    let plan = try Plan(context, alias)
    let usual = jump ? HostAndPort(host: "localhost", port: 22) : nil
    if let destination = destination ?? plan.target.jumpDestination ?? usual {
      // `--only-to` names the endpoint of a session that `sshproxy` itself dials; this leads elsewhere.
      guard onlyTo == nil else { throw .moved(to: destination) }
      return try stream(plan, to: destination)
    }
    let stored = try plan.prepare()
    guard let jump = stored.session.jump?.first else {
      guard onlyBehind == nil else { throw .moved(to: stored.record.endpoint) }
      throw try direct(alias, context)
    }
    // By now it may be another one than `sshproxy` has found.
    guard onlyTo == nil, onlyBehind == nil || onlyBehind == stored.session.endpoint.text else {
      throw .moved(to: stored.record.endpoint)
    }
    throw try through(jump, to: stored.session, alias)
  }

  /// The route `jump`: logs in to the endpoint with the session's credentials, and streams from there to
  /// another SSH server until that or ssh ends the connection.
  /// - Parameter destination: as the endpoint names it.
  private func stream(_ plan: Plan, to destination: HostAndPort) throws(Failure) {
    // What read the configuration shall not add to what logs in.
    ResidentMemory.releaseStartUp()
    let connector = plan.connector()
    defer { withExtendedLifetime(connector) {} }
    let session = try plan.connect(connector, to: try plan.prepare(forLibSSH2: true))
    MemoryLimit.set()
    let channel = try session.forward(host: destination.host, port: destination.port)
    try plan.store().state.forgetFailure(of: plan.alias.name)
    plan.context.liveLine.clear()
    plan.context.trace("on the way to \(destination.words.sanitized())")
    try channel.run(input: STDIN_FILENO, output: STDOUT_FILENO) { Confinement.toStreaming() }
  }

  /// The provider names a host to jump through, which another ssh does, with the configuration that ours
  /// was given.
  private func through(
    _ jump: JumpHost, to session: Session, _ alias: Alias
  ) throws(Failure) -> Failure {
    let ssh = try InstalledPrograms.ssh()
    let file = CallingSSH.configurationFile.map { ["-F", $0] } ?? []
    let words = [ssh] + file + ["-W", session.endpoint.text, "--", "ssh://\(jump.text)"]
    let environment = ThroughLoop.environment(to: alias.name)
    return replaceProcess(path: ssh, arguments: words, environment: environment)
  }

  /// A direct connection is `sshproxy`'s job, which has called us only to learn where home is. It is told so by
  /// the paths of the two directories: `--home` is for `setup`'s lines, and it would take itself for theirs.
  private func direct(_ alias: Alias, _ context: Context) throws(Failure) -> Failure {
    let program = try InstalledPrograms.sshproxy()
    let words =
      [program] + context.locationOptions(withHome: root.globalOptions.home != nil)
      + (context.trace.isOn ? ["-v"] : []) + ["connect"]
      + (fdpass ? [ConnectOption.fdpass.word] : [])
      + (prepared ? [ConnectOption.prepared.word] : [])
      + (onlyTo.map { [ConnectOption.onlyTo.word, $0] } ?? []) + [alias.name]
    return replaceProcess(path: program, arguments: words, environment: inheritedEnvironment)
  }
}
