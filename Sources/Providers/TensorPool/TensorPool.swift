import OpenSSH
import Sessions
import SystemIO

/// TensorPool: it answers with an ssh command line, which is parsed and never run (API document:
/// ssh_connect_ssh__instance_id__get). The user logs in with their own key.
struct TensorPool: SessionProvider {
  let api: ProviderAPI
  let instance: String
  /// What `~` in the command stands for.
  let home: String

  private static let step = "ask for the ssh command"
  private static let hints = ProviderHints(
    provider: "TensorPool",
    denied: "check the key at the provider, then `sshproxy login tensorpool`",
    unknown: "`tp cluster list` shows what there is")

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    try session(until: deadline)
  }

  private func session(until deadline: Moment) throws(Failure) -> Session {
    let request = api.request(.get, ["ssh", instance], query: "system=\(Self.system)")
    let response = try api.repeatable(request, Self.step, Self.hints, until: deadline)
    let answer = try Answer(response.json, step: Self.step)
    guard let text = try answer.textIfAny("command") else {
      guard let message = try answer.textIfAny("message"), !message.isEmpty else {
        throw Failure(.invalidResponse, step: Self.step, "the answer lacks \"command\"")
      }
      throw Failure(
        .rejected, step: Self.step, "TensorPool says: \(message.sanitized())",
        hint: "look at the instance at the provider")
    }
    var command: SentCommand
    do throws(Failure) {
      command = try SentCommand(parsing: text, home: home)
    } catch {
      throw Failure(.invalidResponse, step: Self.step, error.message, hint: error.hint)
    }
    let endpoint = try Validator(step: Self.step).endpoint(command.host, command.port)
    return Session(
      id: nil, endpoint: endpoint,
      login: .users(login: command.login, identityFile: command.identityFile), hostTrust: .users,
      jump: command.jump, options: command.options, expires: WallClock.seconds + Session.usualLife)
  }

  /// There is no session at the provider, so it is asked for the command again: the session is alive if
  /// the answer is still the same.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    do throws(Failure) {
      let now = try self.session(until: deadline)
      return now.leads(as: session)
    } catch {
      guard [.notFound, .rejected].contains(error.kind) else { throw error }
      return false
    }
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {}

  private static var system: String {
    #if os(macOS)
      "darwin"
    #else
      "linux"
    #endif
  }
}
