import Foundation

/// Dedalus: what its API document and its SDK (0.6.0) say.
extension Simulator {
  /// - Returns: `nil` when the path is none of Dedalus's.
  func dedalus(_ request: Incoming) async throws -> Answer? {
    let path = request.segments
    guard path.starts(with: ["v1", "machines"]) else { return nil }
    try admitToDedalus(request)
    if path.count == 2, request.method == "GET" { return try listMachines(request) }
    guard path.count >= 3 else { throw Self.problem(405, "Method Not Allowed") }
    let machine = try knownMachine(path[2])
    switch (request.method, path.count) {
    case ("GET", 3):
      return Answer(200, self.machine(machine))
    case ("POST", 4) where path[3] == "ssh":
      return try await once(request) {
        try await $0.createDedalusSession(request, machine: machine)
      }
    case ("GET", 5) where path[3] == "ssh":
      return Answer(200, try poll(try dedalusSession(path[4], of: machine)))
    case ("DELETE", 5) where path[3] == "ssh":
      return try await once(request) { simulator in
        var session = try await simulator.dedalusSession(path[4], of: machine)
        session.closed = true
        return Answer(200, await simulator.close(session))
      }
    default:
      throw Self.problem(405, "Method Not Allowed")
    }
  }

  /// The key, in either header, and the organization.
  private func admitToDedalus(_ request: Incoming) throws {
    guard let key = request.headers["x-api-key"] ?? request.bearer else {
      throw Self.refusal(401, "AUTH_REQUIRED", "missing Dedalus API key")
    }
    guard key == setting.credentials[.dedalus] else {
      throw Self.refusal(401, "AUTH_INVALID", "invalid Dedalus API key")
    }
    let organization = scenario.string("dedalus.organization")
    guard organization.isEmpty || request.headers["x-dedalus-org-id"] == organization else {
      throw Self.refusal(
        403, "AUTH_ORG_MISMATCH", "org scope does not match API key ownership")
    }
  }

  /// Carries a mutation out once for its `Idempotency-Key`.
  private func once(
    _ request: Incoming, _ body: @Sendable (Simulator) async throws -> Answer
  ) async throws -> Answer {
    guard let key = request.headers["idempotency-key"], !key.isEmpty else {
      throw Self.problem(
        422, "validation failed",
        errors: [
          [
            "location": "header.Idempotency-Key",
            "message": "required header parameter is missing",
          ]
        ])
    }
    try refuseAsTold()
    if let earlier = try idempotency.begin(key, request) { return earlier }
    do {
      let answer = try await body(self)
      idempotency.end(key, answer)
      return answer
    } catch {
      idempotency.end(key, nil)
      throw error
    }
  }

  private func createDedalusSession(_ request: Incoming, machine: String) async throws -> Answer {
    guard let body = request.object else {
      throw Self.problem(422, "validation failed", errors: [["location": "body"]])
    }
    if let unknown = body.keys.first(where: { $0 != "public_key" }) {
      throw Self.problem(
        422, "validation failed",
        errors: [["location": "body.\(unknown)", "message": "unexpected property"]])
    }
    guard let publicKey = body["public_key"]?.string else {
      throw Self.problem(
        422, "validation failed",
        errors: [
          ["location": "body", "message": "expected required property public_key to be present"]
        ])
    }
    if let flaw = PublicKey.flaw(of: publicKey) {
      throw Self.problem(
        422, "validation failed",
        errors: [["location": "body.public_key", "message": "the key \(flaw)"]])
    }
    let delay = scenario.integer("dedalus.create_delay_ms")
    if delay > 0 { try await Task.sleep(for: .milliseconds(delay)) }
    let session = DedalusSession(
      machine: machine, publicKey: publicKey, pollsLeft: wakePolls, created: Date())
    return Answer(200, try poll(session))
  }

  private func dedalusSession(_ id: String, of machine: String) throws -> DedalusSession {
    guard let session = dedalusSessions[id], session.machine == machine else {
      throw Self.problem(404, "ssh session not found")
    }
    return session
  }

  /// The error shape of the document's own examples.
  static func refusal(_ status: Int, _ code: String, _ message: String) -> Refused {
    Refused(
      status,
      ["error_code": .string(code), "message": .string(message), "retryable": false])
  }

  /// `application/problem+json`, RFC 9457.
  static func problem(_ status: Int, _ detail: String, errors: [JSON] = []) -> Refused {
    let titles = [
      401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed",
      422: "Unprocessable Entity", 429: "Too Many Requests",
    ]
    var json: JSON = [
      "title": .string(titles[status] ?? "Error"), "status": .integer(status),
      "detail": .string(detail),
    ]
    if !errors.isEmpty { json = json.replacing(["errors"], by: .array(errors)) }
    var answer = Answer(status, json)
    answer.contentType = "application/problem+json"
    return Refused(answer)
  }
}
