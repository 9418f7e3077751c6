import OpenSSH
import Sessions
import SystemIO

/// TensorPool: it answers with an ssh command line, which is parsed and never run (API document:
/// ssh_connect_ssh__instance_id__get). The user logs in with their own key.
struct TensorPool: InstanceCloud {
  /// What `~` in the command stands for.
  let home: String

  /// It names no state: what it has a command for is up.
  let states = InstanceStates(ready: [Self.ready], waiting: [], gone: [])
  private static let ready = "ready"

  func call(for id: String) -> APICall { APICall("ssh", id, query: "system=\(Self.system)") }

  func instance(_ response: HTTPResponse, of id: String, step: String) throws(Failure) -> Instance {
    let answer = try Answer(response.json, step: step)
    let validator = Validator(step: step)
    guard let text = try answer.textIfAny("command") else {
      guard let message = try answer.textIfAny("message"), !message.isEmpty else {
        throw validator.lacking("command")
      }
      throw Failure(
        .rejected, step: step, "TensorPool says: \(message.sanitized())",
        hint: "look at the instance at the provider")
    }
    return Instance(
      id: nil, state: Self.ready,
      place: try validator.place(ofCommand: text, home: home))
  }

  private static var system: String {
    #if os(macOS)
      "darwin"
    #else
      "linux"
    #endif
  }
}

extension InstanceProvider {
  /// An instance of TensorPool's, which is never waited for.
  static func tensorPool(_ api: ProviderAPI, _ instance: String, home: String) -> InstanceProvider {
    let hints = ProviderHints(
      provider: "TensorPool",
      denied: "check the key at the provider, then `sshproxy login tensorpool`",
      notFound: "`tp cluster list` shows what there is")
    return InstanceProvider(
      cloud: TensorPool(home: home), api: api, id: instance, hints: hints, announce: { _ in },
      step: "ask for the ssh command")
  }
}
