import Configuration
import OpenSSH
import Sessions
import SystemIO

/// Daytona: it starts the sandbox and answers with a token that is the login name, a secret
/// (daytona_api_client 0.231.0: create_ssh_access). A new token ends those that the sandbox had.
struct Daytona: SessionProvider {
  let api: ProviderAPI
  /// Its id or its name.
  let sandbox: String
  /// Seconds.
  let ttl: Int
  let announce: (String) -> Void

  static let hints = ProviderHints(
    provider: "Daytona", denied: "check key and organization, then `sshproxy login daytona`",
    notFound: "`sshproxy list daytona` shows what there is")
  private static let waiting = "wait for the sandbox"
  private static let startable: Set<String> = ["stopped", "archived", "paused"]
  private static let ready = "started"
  /// All others pass, so do those that nobody knows.
  private static let final: Set<String> = ["error", "build_failed", "destroyed", "destroying"]

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    let id = try started(until: deadline)
    let step = "create the login"
    let request = api.request(
      .post, path("ssh-access"), query: "expiresInMinutes=\((ttl - 1) / 60 + 1)")
    let response = try api.repeatable(request, step, Self.hints, until: deadline)
    let answer = try Answer(response.json, step: step)
    let text = try answer.text("token")
    return try closingOnFailure(
      { (limit) throws(Failure) in try revoke(SecretLogin(text), until: limit) },
      { () throws(Failure) in
        let token = try Validator(step: step).secretLogin(text, field: "token")
        return try session(answer, token, of: id, response.clock)
      })
  }

  private func session(
    _ answer: Answer, _ token: SecretLogin, of id: String, _ clock: ProviderClock
  ) throws(Failure) -> Session {
    let validator = Validator(step: answer.step)
    try validator.expect(try answer.text("sandboxId"), toBe: id, field: "sandboxId")
    // Its place is taken from the command, which names no other; it is never run.
    let text = try answer.text("sshCommand")
    guard let command = try? SentCommand(parsing: text, home: "/"),
      command.login == token.reveal(), command.jump == nil, command.identityFile == nil
    else { throw validator.invalidResponse("sshCommand", "ssh with the token as its login") }
    let end = try Answer.time(try answer.text("expiresAt"), field: "expiresAt", step: answer.step)
    return Session(
      id: try validator.sessionID(try answer.text("id"), field: "id"),
      endpoint: try validator.endpoint(command.host, command.port, field: "sshCommand"),
      login: .secret(token), hostTrust: .users,
      expires: clock.here(min(end, clock.now + Int64(ttl))))
  }

  /// Starts the sandbox if it is stopped, and waits until it is up: gives its id.
  private func started(until deadline: Moment) throws(Failure) -> String {
    let backoff = Backoff(first: 300, most: 3000)
    return try api.wait(until: deadline, backoff, announce: announce) { () throws(Failure) in
      let (id, state) = try ask(until: deadline)
      if state == Self.ready { return .ready(id) }
      let word = state.sanitized(limit: 40)
      guard !Self.final.contains(state) else {
        throw Failure(
          .rejected, step: Self.waiting, "it is in the state \(word)",
          hint: "look at it at the provider")
      }
      // It may still be stopping, or somebody else may have started it: 409.
      if Self.startable.contains(state) {
        try api.nudge(
          api.request(.post, path("start")), "start the sandbox", Self.hints, until: deadline)
      }
      let late = Failure(
        .temporary, step: Self.waiting, "it is not up in time, its state is \(word)",
        hint: "it goes on starting: run it again")
      return .waiting(line: "waiting for \(sandbox) (\(word))", late: late)
    }
  }

  private func ask(until deadline: Moment) throws(Failure) -> (id: String, state: String) {
    let response = try api.repeatable(
      api.request(.get, path()), Self.waiting, Self.hints, until: deadline)
    let answer = try Answer(response.json, step: Self.waiting)
    let (id, name) = (try answer.text("id"), try answer.textIfAny("name"))
    if sandbox != name { try Validator(step: Self.waiting).expect(id, toBe: sandbox) }
    return (id, try answer.textIfAny("state") ?? "unknown")
  }

  /// By the sandbox's state: tokens of a stopped one let nobody in. A token that a later one has ended counts as
  /// alive: `ssh-access/validate` is for the vendor's own gateway (its source: SshGatewayAuthContextGuard).
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    // Not sent, but the answer may quote it.
    if let token = session.secretLogin { api.client.secrets.add(token.reveal()) }
    return try isThere(unless: [.notFound]) { () throws(Failure) in
      try ask(until: deadline).state == Self.ready
    }
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    if let token = session.secretLogin { try revoke(token, until: deadline) }
  }

  private func revoke(_ token: SecretLogin, until deadline: Moment) throws(Failure) {
    let request = api.request(.delete, path("ssh-access"), secret: ("token", token.reveal()))
    try api.delete(request, hints: Self.hints, until: deadline)
  }

  private func path(_ rest: String...) -> [String] { ["sandbox", sandbox] + rest }
}
