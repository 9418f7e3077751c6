import ArgumentParser
import OpenSSH
import SessionRecord
import Sessions
import SystemIO

struct ConnectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "connect",
    abstract: "Stream to the alias's SSH server on standard input and output.",
    discussion: """
      What ssh runs as its ProxyCommand; `sshproxy ALIAS` is the same.

      Example: ssh -o 'ProxyCommand sshproxy connect %h' node1.tensorpool
      """)

  @ParentCommand var root: Root

  @Flag(help: "Hand the connection to ssh (ProxyUseFdpass) where it asks for one.")
  var fdpass = false

  @Flag(help: "Go through the endpoint to another SSH server: localhost:22 there.")
  var jump = false

  @Option(help: ArgumentHelp("The server to go to from the endpoint.", valueName: "host:port"))
  var jumpTo: String?

  @Argument(help: "The alias, like sb1.prime.", completion: .aliases)
  var alias: String

  @Argument(help: "Accepted and ignored, so that %h %p may stand in ssh's configuration.")
  var port: UInt16?

  func run() throws {
    let alias = try Alias(alias)
    try about(alias) { () throws(Failure) in
      try Way.check(alias.name)
      let context = try Context(root.globalOptions, waitingFor: "connecting to \(alias.spelling)")
      let destination = try jumpTo.map { (text) throws(Failure) in try HostAndPort(text) }
      try connect(alias, context, destination)
    }
  }

  private func connect(
    _ alias: Alias, _ context: Context, _ destination: HostAndPort?
  ) throws(Failure) {
    let target = try context.configuration().target(for: alias)
    var goal = destination
    if goal == nil, case .jump(let configured) = target.route { goal = configured }
    if goal == nil, jump { goal = HostAndPort(host: "localhost", port: 22) }
    if let goal {
      return try JumpRoute(context: context, alias: alias, target: target, goal: goal).run()
    }
    let stored = try context.prepare(alias)
    if let jump = stored.session.jump { throw try through(jump, to: stored) }
    throw try direct(alias, context)
  }

  /// The provider names a host to jump through, which another ssh does, with the configuration that ours
  /// was given.
  private func through(_ jump: String, to stored: StoredSession) throws(Failure) -> Failure {
    let ssh = try InstalledPrograms.ssh()
    let file = CallingSSH.configurationFile.map { ["-F", $0] } ?? []
    let words = [ssh] + file + ["-W", stored.session.endpoint.text, "--", "ssh://\(jump)"]
    let environment = Way.environment(to: stored.target.alias)
    return replaceProcess(path: ssh, arguments: words, environment: environment).failure
  }

  /// A direct connection is `sshproxy`'s job. It calls us only when it does not know where home is.
  private func direct(_ alias: Alias, _ context: Context) throws(Failure) -> Failure {
    let program = try InstalledPrograms.sshproxy()
    let words =
      [program] + context.locationOptions + ["connect"] + (fdpass ? ["--fdpass"] : []) + [
        alias.name
      ]
    return replaceProcess(path: program, arguments: words, environment: inheritedEnvironment)
      .failure
  }
}
