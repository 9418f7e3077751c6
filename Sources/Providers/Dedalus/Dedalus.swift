import OpenSSH
import Sessions
import SystemIO

/// Dedalus: it wakes the machine, certifies our key, and names the authority that certifies the host's
/// (API document: createMachineSSHSession).
struct Dedalus: ResumableProvider {
  let api: ProviderAPI
  let machine: String
  /// Is told what a wait is for, for the live line.
  let announce: (String) -> Void

  static let hints = ProviderHints(
    provider: "Dedalus", denied: "check key and organization, then `sshproxy login dedalus`",
    notFound: "`sshproxy list dedalus` shows what there is")
  /// The time between two polls, in milliseconds, if the answer names none.
  private static let pollInterval = 500

  /// SSHSessionResponse of the API document.
  private struct Reply {
    struct Connection {
      let endpoint: String
      let port: Int
      let sshUsername: String
      let userCertificate: String?
      let hostTrust: HostTrustReply?

      init(_ answer: Answer) throws(Failure) {
        endpoint = try answer.text("endpoint")
        port = try answer.int("port")
        sshUsername = try answer.text("ssh_username")
        userCertificate = try answer.textIfAny("user_certificate")
        hostTrust = try answer.objectIfAny("host_trust").map { (trust) throws(Failure) in
          try HostTrustReply(trust)
        }
      }
    }

    let sessionId: String
    let machineId: String
    let status: String
    let connection: Connection?
    let errorCode: String?
    let errorMessage: String?
    let expiresAt: String?
    let retryAfterMs: Int?

    init(_ answer: Answer) throws(Failure) {
      sessionId = try answer.text("session_id")
      machineId = try answer.text("machine_id")
      status = try answer.text("status")
      _ = try answer.text("created_at")
      connection = try answer.objectIfAny("connection").map { (connection) throws(Failure) in
        try Connection(connection)
      }
      errorCode = try answer.textIfAny("error_code")
      errorMessage = try answer.textIfAny("error_message")
      expiresAt = try answer.textIfAny("expires_at")
      retryAfterMs = try answer.millisecondsIfAny("retry_after_ms")
    }
  }

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    try create(for: key, isResumable: false, named: { _ in }, until: deadline)
  }

  func open(
    for key: PublicKey, resuming pending: String?, named: (String) -> Void,
    until deadline: Moment
  ) throws(Failure) -> Session {
    if let pending {
      do throws(Failure) {
        let step = "wait for the session"
        let response = try call(api.request(.get, path(pending)), step, until: deadline)
        return try closing(pending, isResumable: true) { () throws(Failure) in
          let ready = try wait(for: try read(response, step), until: deadline)
          return try check(ready, key, response.clock)
        }
      } catch {
        // Gone, or not to be had any more.
        guard [.notFound, .rejected].contains(error.kind) else { throw error }
      }
    }
    return try create(for: key, isResumable: true, named: named, until: deadline)
  }

  func abandon(_ id: String, until deadline: Moment) throws(Failure) {
    try close(sessionID: id, until: deadline)
  }

  private func create(
    for key: PublicKey, isResumable: Bool, named: (String) -> Void, until deadline: Moment
  ) throws(Failure) -> Session {
    let step = "create the session"
    var request = api.request(.post, path())
    // All retries carry the same key, so that the server makes only one session.
    request.headers.append(("Idempotency-Key", Self.idempotencyKey()))
    request.body = Answer.encode(["public_key": .text(key.line)])
    let response = try call(request, step, until: deadline)
    return try closing(Answer.sessionID(response.json), isResumable: isResumable) {
      () throws(Failure) in
      let created = try read(response, step)
      if created.status != "ready" {
        named(try Validator(step: step).sessionID(created.sessionId))
      }
      let ready = try wait(for: created, until: deadline)
      return try check(ready, key, response.clock)
    }
  }

  /// Ends a session that turns out to be of no use.
  /// - Parameter isResumable: whether it is of use to the next call where only the time was too short, or
  ///   nobody waited any more.
  private func closing(
    _ id: String?, isResumable: Bool, _ body: () throws(Failure) -> Session
  ) throws(Failure) -> Session {
    try closingOnFailure(
      { (limit) throws(Failure) in if let id { try close(sessionID: id, until: limit) } },
      unless: { isResumable && [.cancelled, .temporary, .unreachable].contains($0.kind) }, body)
  }

  /// Polls until the session is ready.
  private func wait(for first: Reply, until deadline: Moment) throws(Failure) -> Reply {
    let step = "wait for the session"
    let id = try Validator(step: "create the session").sessionID(first.sessionId)
    var first: Reply? = first
    let backoff = Backoff(first: Self.pollInterval, most: Self.pollInterval)
    return try api.wait(until: deadline, backoff, announce: announce) { () throws(Failure) in
      let answer =
        if let first = first.take() { first } else {
          try read(call(api.request(.get, path(id)), step, until: deadline), step)
        }
      switch answer.status {
      case "ready": return .ready(answer)
      case "wake_in_progress", "ssh_in_progress":
        let late = Failure(
          .temporary, step: "wake the machine", "it is not awake in time",
          hint: "it goes on waking: run it again")
        return .waiting(
          line: "waking \(machine)", late: late,
          interval: min(max(answer.retryAfterMs ?? Self.pollInterval, 10), 30_000))
      case "failed", "expired", "closed":
        let words = [answer.errorMessage, answer.errorCode.map { "(\($0))" }]
          .compactMap { $0 }.joined(separator: " ").sanitized()
        throw Failure(
          .rejected, step: step,
          "the session has \(answer.status)" + (words.isEmpty ? "" : ": \(words)"),
          hint: "look at the machine at the provider")
      default:
        throw Failure(
          .invalidResponse, step: step,
          "the status \(answer.status.sanitized(limit: 40)) is unknown")
      }
    }
  }

  private func check(
    _ answer: Reply, _ key: PublicKey, _ clock: ProviderClock
  ) throws(Failure) -> Session {
    let validator = Validator(step: "create the session")
    func lacking(_ field: String) -> Failure {
      Failure(
        .invalidResponse, step: validator.step,
        "the session is ready, but the answer lacks \"\(field)\"")
    }
    guard let connection = answer.connection else { throw lacking("connection") }
    guard let line = connection.userCertificate else { throw lacking("user_certificate") }
    guard let trust = connection.hostTrust else { throw lacking("host_trust") }
    guard trust.kind == "cert_authority" else {
      throw validator.invalidResponse("host_trust.kind", "\"cert_authority\"")
    }
    let endpoint = try validator.endpoint(connection.endpoint, connection.port, field: "endpoint")
    let login = try validator.login(connection.sshUsername, field: "ssh_username")
    let certificate = try validator.certificate(line)
    try certificate.checkUser(key: key, login: login, at: clock.now)
    let end = Int64(clamping: certificate.validBefore)
    let expires = try answer.expiresAt.map { (text) throws(Failure) in
      min(end, try Answer.time(text, field: "expires_at", step: validator.step))
    }
    return Session(
      id: try validator.sessionID(answer.sessionId), endpoint: endpoint,
      login: .sessionKey(login: login, certificate: certificate),
      hostTrust: try validator.authority(trust, of: endpoint),
      expires: clock.here(expires ?? end))
  }

  /// If the machine has gone to sleep, waits until it is awake again.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    guard let id = session.id else { return false }
    return try isThere { () throws(Failure) in
      let request = api.request(.get, path(id))
      let step = "ask for the session"
      let now = try read(call(request, step, until: deadline), step)
      _ = try wait(for: now, until: deadline)
      return true
    }
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    guard let id = session.id else { return }
    try close(sessionID: id, until: deadline)
  }

  private func close(sessionID: String, until deadline: Moment) throws(Failure) {
    var request = api.request(.delete, path(sessionID))
    request.headers.append(("Idempotency-Key", Self.idempotencyKey()))
    try api.delete(request, hints: Self.hints, until: deadline)
  }

  private func call(
    _ request: HTTPRequest, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    try api.repeatable(request, step, Self.hints, until: deadline)
  }

  /// - Throws: `.invalidResponse`, for an answer about another machine too.
  private func read(_ response: HTTPResponse, _ step: String) throws(Failure) -> Reply {
    let answer = try Reply(Answer(response.json, step: step))
    try Validator(step: step).expect(answer.machineId, toBe: machine)
    return answer
  }

  private func path(_ session: String? = nil) -> [String] {
    ["v1", "machines", machine, "ssh"] + (session.map { [$0] } ?? [])
  }

  /// A random UUID (RFC 9562, version 4).
  private static func idempotencyKey() -> String {
    var generator = SystemRandomNumberGenerator()
    let high = generator.next() & 0xffff_ffff_ffff_0fff | 0x4000
    let low = generator.next() & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
    func hex(_ value: UInt64) -> String {
      let text = String(value, radix: 16)
      return String(repeating: "0", count: 16 - text.count) + text
    }
    let digits = Array(hex(high) + hex(low))
    let groups = [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }
    return groups.joined(separator: "-")
  }
}
