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

  private static let hints = ProviderHints(
    provider: "Daytona", denied: "check key and organization, then `sshproxy login daytona`",
    unknown: "`sshproxy list daytona` shows what there is")
  private static let waiting = "wait for the sandbox"
  private static let startable: Set<String> = ["stopped", "archived", "paused"]
  /// States that do not pass. All others are waited for, so are those that nobody knows.
  private static let final: Set<String> = ["error", "build_failed", "destroyed", "destroying"]

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    let id = try started(until: deadline)
    let step = "create the login"
    let minutes = (ttl - 1) / 60 + 1
    let response = try call(
      api.request(.post, path("ssh-access"), query: "expiresInMinutes=\(minutes)"), step,
      until: deadline)
    let answer = try Answer(response.json, step: step)
    let token = try Validator(step: step).secretLogin(try answer.text("token"), field: "token")
    do throws(Failure) {
      return try session(answer, token, of: id, ProviderClock(date: response.date))
    } catch {
      try? revoke(token, until: Moment.now + 1000)
      throw error
    }
  }

  private func session(
    _ answer: Answer, _ token: SecretLogin, of id: String, _ clock: ProviderClock
  ) throws(Failure) -> Session {
    let validator = Validator(step: answer.step)
    guard try answer.text("sandboxId") == id else { throw Self.another(answer.step) }
    // Its place is taken from the command, which names no other; it is never run.
    guard let command = try? SSHCommand(parsing: try answer.text("sshCommand"), home: "/"),
      command.login == token.reveal(), command.jump == nil, command.identityFile == nil
    else { throw validator.invalidResponse("sshCommand", "ssh with the token as its login") }
    let end = try Answer.time(
      try answer.text("expiresAt"), field: "expiresAt", step: answer.step)
    return Session(
      id: try validator.sessionID(try answer.text("id"), field: "id"),
      endpoint: try validator.endpoint(command.host, command.port, field: "sshCommand"),
      login: .secret(token), hostTrust: .users,
      expires: clock.here(min(end, clock.now + Int64(ttl))))
  }

  /// Starts the sandbox if it is stopped, and waits until it is up.
  /// - Returns: its id.
  private func started(until deadline: Moment) throws(Failure) -> String {
    var backoff = Backoff(first: 300, most: 3000)
    while true {
      let (id, state) = try ask(until: deadline)
      if state == "started" { return id }
      let word = state.sanitized(limit: 40)
      guard !Self.final.contains(state) else {
        throw Failure(
          .rejected, step: Self.waiting, "the sandbox is in the state \(word)",
          hint: "look at it at the provider")
      }
      announce("starting \(sandbox) (\(word))")
      if Self.startable.contains(state) { try start(until: deadline) }
      let next = Moment.now + backoff.next()
      guard next < deadline else {
        throw Failure(
          .temporary, step: Self.waiting, "it is not up in time, its state is \(word)",
          hint: "it goes on starting: run it again")
      }
      try api.client.pause(until: next)
    }
  }

  private func start(until deadline: Moment) throws(Failure) {
    var isChanging = false
    do throws(Failure) {
      _ = try api.call(
        api.request(.post, path("start")), .always, step: "start the sandbox", until: deadline
      ) {
        isChanging = $0.status == 409
        return ErrorResponse($0).refusal(hints: Self.hints)
      }
    } catch {
      // Somebody else has started it, or it is still stopping.
      guard isChanging else { throw error }
    }
  }

  private func ask(until deadline: Moment) throws(Failure) -> (id: String, state: String) {
    let response = try call(api.request(.get, path()), Self.waiting, until: deadline)
    let answer = try Answer(response.json, step: Self.waiting)
    let id = try answer.text("id")
    let name = try answer.textIfAny("name")
    guard sandbox == id || sandbox == name else { throw Self.another(Self.waiting) }
    return (id, try answer.textIfAny("state") ?? "unknown")
  }

  /// Nobody but Daytona's own gateway may ask about a token. One of a sandbox that has stopped lets nobody
  /// in.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    do throws(Failure) {
      return try ask(until: deadline).state == "started"
    } catch {
      guard error.kind == .notFound else { throw error }
      return false
    }
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    if let token = session.secretLogin { try revoke(token, until: deadline) }
  }

  private func revoke(_ token: SecretLogin, until deadline: Moment) throws(Failure) {
    var request = api.request(
      .delete, path("ssh-access"), query: "token=" + HTTPRequest.encoded(token.reveal()))
    request.queryToken = token.reveal()
    try api.delete(request, hints: Self.hints, until: deadline)
  }

  private func call(
    _ request: HTTPRequest, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    try api.call(request, .always, step: step, until: deadline) {
      ErrorResponse($0).refusal(hints: Self.hints)
    }
  }

  private func path(_ last: String? = nil) -> [String] {
    ["sandbox", sandbox] + [last].compactMap { $0 }
  }

  private static func another(_ step: String) -> Failure {
    Failure(.invalidResponse, step: step, "the answer is about another sandbox")
  }
}
