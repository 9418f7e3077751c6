import OpenSSH
import SSHClient
import Sessions
import SystemIO

/// The jump route: the endpoint is entered with the session's credentials, and from there the
/// stream goes on to another SSH server.
struct JumpRoute {
  let context: Context
  let alias: Alias
  let target: Target
  let goal: HostAndPort

  init(_ context: Context, _ alias: Alias, _ target: Target, _ goal: HostAndPort) {
    self.context = context
    self.alias = alias
    self.target = target
    self.goal = goal
  }

  /// Streams until the far server has ended, or ssh.
  func run() throws(Failure) {
    let entry = try ExecEntry(context, alias, target, caller: context.caller)
    let session = try entry.enter(try entry.prepare())
    let channel = try session.forward(host: goal.host, port: goal.port)
    context.liveLine.clear()
    context.trace("on the way to \(goal.host.shown()) port \(goal.port)")
    ResidentMemory.giveBackTheStarts()
    try channel.run(input: STDIN_FILENO, output: STDOUT_FILENO)
  }
}
