import OpenSSH
import SSHClient
import SessionRecord
import Sessions
import SystemIO

/// The route `jump`: logs in to the endpoint with the session's credentials, and streams from there
/// to another SSH server.
struct JumpRoute {
  let plan: Plan
  /// The server to stream to, as the endpoint names it.
  let goal: HostAndPort

  /// Streams until the far server or ssh ends the connection.
  func run() throws(Failure) {
    // What read the configuration shall not add to what logs in.
    ResidentMemory.releaseStartUp()
    let connector = SSHConnector(plan, caller: plan.context.caller)
    defer { withExtendedLifetime(connector.helper) {} }
    let session = try connector.connect(to: try connector.prepare())
    let channel = try session.forward(host: goal.host, port: goal.port)
    try plan.store().state.forgetFailure(of: plan.alias.name)
    plan.context.liveLine.clear()
    plan.context.trace("on the way to \(goal.host.sanitized()) port \(goal.port)")
    try channel.run(input: STDIN_FILENO, output: STDOUT_FILENO) { Confinement.toStreaming() }
  }
}
