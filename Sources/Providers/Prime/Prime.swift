import Configuration
import OpenSSH
import Sessions
import SystemIO

/// Prime Intellect: a session in a sandbox. The connection goes through a gateway, where our key is
/// registered with a token, or to a VM, where it begins with a preamble (API document:
/// create_ssh_session_endpoint).
struct Prime: SessionProvider {
  let api: ProviderAPI
  let sandbox: String
  /// The session life to ask for, in seconds.
  let ttl: Int

  private static let step = "create the session"
  private static let hints = ProviderHints(
    provider: "Prime Intellect",
    denied: "check the key at the provider, then `sshproxy login prime`",
    notFound: "is the sandbox running? `sshproxy list prime` shows what there is")

  /// SSHSessionResponse of the API document. Fields that the VM flow leaves out are optional.
  private struct Created {
    let sessionId: String
    let host: String
    let port: Int
    let expiresAt: String
    let ttlSeconds: Int
    let exposureId: String?
    let externalEndpoint: String?
    let gatewayUrl: String?
    let userNs: String?
    let jobId: String?
    let token: String?

    init(_ answer: Answer) throws(Failure) {
      sessionId = try answer.text("session_id")
      _ = try answer.text("sandbox_id")
      host = try answer.text("host")
      port = try answer.int("port")
      expiresAt = try answer.text("expires_at")
      ttlSeconds = try answer.int("ttl_seconds")
      exposureId = try answer.textIfAny("exposure_id")
      externalEndpoint = try answer.textIfAny("external_endpoint")
      gatewayUrl = try answer.textIfAny("gateway_url")
      userNs = try answer.textIfAny("user_ns")
      jobId = try answer.textIfAny("job_id")
      token = try answer.textIfAny("token")
    }
  }

  private enum ProviderState {
    static let authorizeBase = "gateway"
    static let userNamespace = "user_ns"
    static let job = "job_id"
    static let token = "token"
    static let publicKey = "public_key"
    static let ttl = "ttl_seconds"
  }

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    let answer = try create(key, until: deadline)
    return try closingOnFailure(
      { (limit) throws(Failure) in
        if let id = Answer.sessionID(answer.json) { try close(sessionID: id, until: limit) }
      },
      { () throws(Failure) in
        let created = try Created(Answer(answer.json, step: Self.step))
        let session = try check(created, key, answer.clock)
        try authorize(session, until: deadline)
        return session
      })
  }

  /// One request serves both flows. If the API does not know `public_key`, it is repeated without.
  private func create(_ key: PublicKey, until deadline: Moment) throws(Failure) -> HTTPResponse {
    var request = api.request(
      .post, ["api", "v1", "sandbox", sandbox, "ssh-session"])
    var fields: [String: JSONField] = ["ttl_seconds": .number(ttl)]
    fields["public_key"] = .text(key.line)
    while true {
      request.body = Answer.encode(fields)
      var refusesKey = false
      do throws(Failure) {
        return try api.call(request, .ifNotCarriedOut, step: Self.step, until: deadline) {
          let error = ErrorResponse($0)
          refusesKey = $0.status == 422 && error.names(field: "public_key")
          return error.refusal(hints: Self.hints)
        }
      } catch {
        guard refusesKey, fields.removeValue(forKey: "public_key") != nil else { throw error }
      }
    }
  }

  private func check(
    _ created: Created, _ key: PublicKey, _ clock: ProviderClock
  ) throws(Failure) -> Session {
    let validator = Validator(step: Self.step)
    let id = try validator.sessionID(created.sessionId)
    let login = try validator.login(id, field: "session_id")
    let flow = try gateway(created, validator)
    var providerState = flow ?? [:]
    providerState[ProviderState.publicKey] = key.line
    // Neither the session nor its key at the gateway is to live longer than was asked for.
    let life = min(created.ttlSeconds, ttl)
    providerState[ProviderState.ttl] = String(life)
    let end = try Answer.time(created.expiresAt, field: "expires_at", step: validator.step)
    return Session(
      id: id, endpoint: try validator.endpoint(created.host, created.port),
      login: .sessionKey(login: login, certificate: nil), hostTrust: .trustOnFirstUse,
      preamble: flow == nil ? Array("PRIME-SSH-SESSION \(id)\n".utf8) : [],
      expires: min(clock.here(end), WallClock.seconds + Int64(life)), providerState: providerState)
  }

  /// What `authorize` needs; `nil` in the VM flow, whose answer has none of these fields.
  private func gateway(_ created: Created, _ validator: Validator) throws(Failure) -> [String:
    String]?
  {
    let named = [
      ("gateway_url", created.gatewayUrl), ("user_ns", created.userNs),
      ("job_id", created.jobId), ("token", created.token),
    ]
    if named.allSatisfy({ $0.1 == nil }) { return nil }
    let required =
      named + [
        ("exposure_id", created.exposureId), ("external_endpoint", created.externalEndpoint),
      ]
    if let missing = required.first(where: { $0.1 == nil }) {
      throw validator.lacking(missing.0)
    }
    return [
      ProviderState.authorizeBase: try api.gatewayURL(
        created.gatewayUrl ?? "", step: validator.step),
      ProviderState.userNamespace: try validator.segment(created.userNs ?? "", field: "user_ns"),
      ProviderState.job: try validator.segment(created.jobId ?? "", field: "job_id"),
      ProviderState.token: try validator.token(created.token ?? "", field: "token"),
    ]
  }

  /// Registers the session's key at the gateway. May be repeated.
  private func authorize(_ session: Session, until deadline: Moment) throws(Failure) {
    guard let base = session.providerState[ProviderState.authorizeBase] else { return }
    let names = [
      ProviderState.userNamespace, ProviderState.job, ProviderState.token, ProviderState.publicKey,
    ]
    let values = names.map { session.providerState[$0] ?? "" }
    var request = HTTPRequest(
      method: .post, base: base, path: [values[0], values[1], "authorize"])
    request.headers = [("Authorization", "Bearer \(values[2])")]
    request.body = Answer.encode([
      "session_id": .text(session.id ?? ""), "public_key": .text(values[3]),
      "ttl_seconds": .number(session.providerState[ProviderState.ttl].flatMap { Int($0) } ?? ttl),
    ])
    let hints = ProviderHints(
      provider: "Prime Intellect's gateway",
      denied: "the session's token does not count: run it again",
      notFound: "the session may be gone: run it again")
    _ = try api.repeatable(request, "authorize the key", hints, until: deadline)
  }

  /// Asks the gateway by authorizing the key again. A VM's session cannot be asked about, so it is given
  /// up when it does not answer.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    guard session.providerState[ProviderState.authorizeBase] != nil else { return false }
    // Denied is the session's token, and not the user's key.
    return try isThere(unless: [.denied, .notFound, .rejected]) { () throws(Failure) in
      try authorize(session, until: deadline)
      return true
    }
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    guard let id = session.id else { return }
    // Not sent, but the answer may quote it.
    if let token = session.providerState[ProviderState.token] { api.client.secrets.add(token) }
    try close(sessionID: id, until: deadline)
  }

  private func close(sessionID: String, until deadline: Moment) throws(Failure) {
    let request = api.request(
      .delete, ["api", "v1", "sandbox", sandbox, "ssh-session", sessionID])
    try api.delete(request, hints: Self.hints, until: deadline)
  }
}
