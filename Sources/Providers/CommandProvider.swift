import Configuration
import OpenSSH
import Sessions
import SystemIO

/// A program of the user's own that speaks the protocol of examples/provider/README.md: one JSON request on
/// its standard input, one JSON answer on its standard output.
struct CommandProvider: SessionProvider {
  let words: [String]
  let id: String
  let environment: [String]
  let caller: HangUpMonitor
  var secrets = Secrets()

  private static let version = 2
  private static let answerLimit = 1 << 20

  private struct Reply {
    struct Endpoint {
      let host: String
      let port: Int
    }

    struct Given {
      let sessionId: String?
      let login: String?
      /// Logs in without a key; shown nowhere.
      let secretLogin: String?
      let endpoint: Endpoint
      let preamble: String?
      let certificate: String?
      let hostTrust: CommandHostTrust?
      let expiresAt: String?

      init(_ answer: Answer) throws(Failure) {
        sessionId = try answer.textIfAny("session_id")
        login = try answer.textIfAny("login")
        secretLogin = try answer.textIfAny("secret_login")
        let place = try answer.object("endpoint")
        endpoint = Endpoint(host: try place.text("host"), port: try place.int("port"))
        preamble = try answer.textIfAny("preamble")
        certificate = try answer.textIfAny("certificate")
        hostTrust = try answer.objectIfAny("host_trust").map { (trust) throws(Failure) in
          try CommandHostTrust(trust)
        }
        expiresAt = try answer.textIfAny("expires_at")
      }
    }

    struct Refused {
      let kind: String
      let message: String
      let hint: String?
      let retryAfterMs: Int?

      init(_ answer: Answer) throws(Failure) {
        kind = try answer.text("kind")
        message = try answer.text("message")
        hint = try answer.textIfAny("hint")
        retryAfterMs = try answer.millisecondsIfAny("retry_after_ms")
      }
    }

    let version: Int
    /// Read by `Given`.
    let session: Answer?
    let error: Refused?

    init(_ answer: Answer) throws(Failure) {
      version = try answer.int("version")
      session = try answer.objectIfAny("session")
      error = try answer.objectIfAny("error").map { (refused) throws(Failure) in
        try Refused(refused)
      }
    }
  }

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    var backoff = Backoff(first: 200, most: 5000)
    while true {
      let request: [String: JSONField] = [
        "version": .number(Self.version), "action": .text("open"), "id": .text(id),
        "public_key": .text(key.line), "deadline_ms": .number(deadline.remaining),
      ]
      do throws(Failure) {
        let answer = try ask(request, step: "open a session", until: deadline, caller: caller)
        guard let given = answer.session else {
          throw Failure(.invalidResponse, step: "open a session", "the answer has no \"session\"")
        }
        return try closingOnFailure(
          { (limit) throws(Failure) in
            if let sessionID = given.sessionID { try close(sessionID, until: limit) }
          },
          { () throws(Failure) in try check(Reply.Given(given), key) })
      } catch {
        // The program decides: it is asked again only if it says when.
        guard error.kind == .temporary, let wait = error.retryAfter else { throw error }
        let next = Moment.now + max(wait, backoff.next())
        guard next < deadline else { throw error }
        try caller.sleep(until: next)
      }
    }
  }

  private func check(_ given: Reply.Given, _ key: PublicKey) throws(Failure) -> Session {
    let validator = Validator(step: "open a session")
    let endpoint = try validator.endpoint(given.endpoint.host, given.endpoint.port)
    let sessionID = try given.sessionId.map { (id) throws(Failure) in try validator.sessionID(id) }
    var expires = try given.expiresAt.map { (text) throws(Failure) in
      try Answer.time(text, field: "expires_at", step: validator.step)
    }
    var session = Session(
      id: sessionID, endpoint: endpoint, login: .users(login: nil, identityFile: nil),
      hostTrust: .users, expires: 0)
    if let secret = given.secretLogin {
      guard given.login == nil, given.certificate == nil else {
        throw Failure(
          .invalidResponse, step: validator.step,
          "there is a \"secret_login\", and a \"login\" or \"certificate\" beside it")
      }
      session.login = .secret(try validator.secretLogin(secret, field: "secret_login"))
    } else if let name = given.login {
      let login = try validator.login(name, field: "login")
      session.login = .sessionKey(login: login, certificate: nil)
      session.hostTrust = .trustOnFirstUse
      if let line = given.certificate {
        let certificate = try validator.certificate(line)
        try certificate.checkUser(key: key, login: login, at: WallClock.seconds)
        session.login = .sessionKey(login: login, certificate: certificate)
        let end = Int64(clamping: certificate.validBefore)
        expires = min(expires ?? end, end)
      }
    } else if given.certificate != nil {
      throw Failure(
        .invalidResponse, step: validator.step, "there is a certificate, but no \"login\" for it")
    }
    if let trust = given.hostTrust {
      guard session.bringsLogin else {
        throw validator.invalidResponse("host_trust", "beside a \"login\" or \"secret_login\"")
      }
      session.hostTrust = try validator.hostTrust(trust, of: endpoint)
    }
    session.preamble = try preamble(given.preamble ?? "", validator)
    session.expires = expires ?? WallClock.seconds + Session.usualLife
    return session
  }

  /// At most one line, so that a preamble cannot speak SSH in ssh's place.
  private func preamble(_ text: String, _ validator: Validator) throws(Failure) -> [UInt8] {
    let bytes = Array(text.utf8)
    let line = bytes.last == 0x0a ? bytes.dropLast() : bytes[...]
    guard bytes.count <= 1024, line.allSatisfy(\.isPrintable) else {
      throw validator.invalidResponse("preamble", "one line of printable ASCII")
    }
    return bytes
  }

  /// Always `false`: the protocol has no such question, so a session that does not answer is given up.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool { false }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    if let sessionID = session.id { try close(sessionID, until: deadline) }
  }

  private func close(_ sessionID: String, until deadline: Moment) throws(Failure) {
    let request: [String: JSONField] = [
      "version": .number(Self.version), "action": .text("close"), "id": .text(id),
      "session_id": .text(sessionID), "deadline_ms": .number(deadline.remaining),
    ]
    do throws(Failure) {
      _ = try ask(
        request, step: "close the session", until: deadline, caller: caller.unwatched)
    } catch {
      guard error.kind == .notFound else { throw error }
    }
  }

  private func ask(
    _ request: [String: JSONField], step: String, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> Reply {
    let name = (words.first ?? "").sanitized(limit: 80)
    let conversation = Conversation(
      path: words.first ?? "", arguments: words, environment: environment,
      limit: Self.answerLimit)
    let (status, output) = try conversation.run(
      input: .bytes(Answer.encode(request) + [0x0a]), until: deadline, caller: caller)
    guard status == 0 || !output.isEmpty else {
      throw Failure(
        .rejected, step: step, "\(name) ended with status \(status) and without an answer",
        hint: "run it by hand with a request on its standard input")
    }
    let json = Result { () throws(JSONValue.Problem) in try JSONValue(output, without: secrets) }
    let answer = try Reply(Answer(json, step: step))
    guard answer.version == Self.version else {
      throw Failure(
        .invalidResponse, step: step,
        "\(name) speaks version \(answer.version) of the protocol, not \(Self.version)",
        hint: "version 2 has other words for kinds of error: denied, not_found, temporary, "
          + "unreachable, rejected, invalid_response; and for host_trust: authority")
    }
    if let refused = answer.error { throw failure(refused, name, step) }
    return answer
  }

  private func failure(_ refused: Reply.Refused, _ name: String, _ step: String) -> Failure {
    let kinds: [String: Failure.Kind] = [
      "denied": .denied, "not_found": .notFound, "temporary": .temporary,
      "unreachable": .unreachable, "rejected": .rejected, "invalid_response": .invalidResponse,
    ]
    guard let kind = kinds[refused.kind] else {
      return Failure(.invalidResponse, step: step, "\(name) names an unknown kind of error")
    }
    return Failure(
      kind, step: step, "\(name) says: \(refused.message.sanitized())",
      hint: refused.hint?.sanitized(),
      retryAfter: refused.retryAfterMs)
  }
}
