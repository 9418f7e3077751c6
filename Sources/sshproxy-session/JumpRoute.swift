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

  func run() throws(Failure) {
  }
}
