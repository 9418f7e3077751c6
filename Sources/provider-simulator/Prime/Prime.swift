import Foundation

/// Prime Intellect: what its API document and its two clients (0.6.10, 0.18.0) say.
struct PrimeSession: Sendable {
  let id: String
  let sandbox: String
  let port: UInt16
  let expires: Date
  let ttl: Int
  /// `nil` in the VM flow.
  let gateway: Gateway?
  var publicKey: String?

  struct Gateway: Sendable {
    let namespace: String
    let job: String
    let token: String
  }
}

extension Simulator {
  /// - Returns: `nil` when the path is none of Prime's.
  func prime(_ request: Incoming) async throws -> Answer? {
    let path = request.segments
    if path.first == "gateway" { return try authorize(request, path: path) }
    guard path.starts(with: ["api", "v1"]) else { return nil }
    if path.dropFirst(2).first == "pods" {
      return try answer(request, path, by: .primePod, key: setting.credentials[.prime])
    }
    guard request.bearer == setting.credentials[.prime] else {
      throw Refused(401, ["detail": "Invalid or missing API key"])
    }
    switch (request.method, path.count, path.dropFirst(2).first ?? "") {
    case ("GET", 4, "user") where path[3] == "whoami":
      return Answer(200, ["data": Self.primeUser])
    case ("GET", 3, "sandbox"):
      return try listSandboxes(request)
    case ("GET", 4, "sandbox"):
      return Answer(200, sandbox(try knownSandbox(path[3])))
    case ("POST", 5, "sandbox") where path[4] == "ssh-session":
      return try createPrimeSession(request, sandbox: try knownSandbox(path[3]))
    case ("DELETE", 6, "sandbox") where path[4] == "ssh-session":
      let sandbox = try knownSandbox(path[3])
      guard primeSessions[path[5]]?.sandbox == sandbox else {
        throw Refused(404, ["detail": "SSH session not found"])
      }
      forgetPrime(path[5])
      return Answer(200, ["success": true])
    default:
      throw Refused(405, ["detail": "Method Not Allowed"])
    }
  }

  private func createPrimeSession(_ request: Incoming, sandbox: String) throws -> Answer {
    guard let body = request.object else {
      throw Refused(Self.invalid("body", "Input should be a JSON object"))
    }
    try limitRate(of: sandbox)
    let isVM = sandbox.hasPrefix("vm")
    let reject = scenario.string("prime.reject_public_key")
    if !isVM, !reject.isEmpty, body["public_key"] != nil {
      throw Refused(
        reject == "errors"
          ? Self.invalid("public_key", "Extra inputs are not permitted")
          : Answer(
            422,
            [
              "detail": [
                [
                  "loc": ["body", "public_key"], "msg": "Extra inputs are not permitted",
                  "type": "extra_forbidden",
                ]
              ]
            ]))
    }
    let asked = try ttl(in: body, optional: true)
    let publicKey = try publicKey(in: body)
    if let unknown = body.keys.first(where: { !["ttl_seconds", "public_key"].contains($0) }) {
      throw Refused(Self.invalid(unknown, "Extra inputs are not permitted"))
    }
    if isVM, publicKey == nil { throw Refused(Self.invalid("public_key", "Field required")) }
    let forced = scenario.integer("prime.ttl_seconds")
    return Answer(
      200,
      try openPrimeSession(
        sandbox: sandbox, ttl: forced > 0 ? forced : asked ?? 900,
        publicKey: isVM ? publicKey : nil))
  }

  private func openPrimeSession(sandbox: String, ttl: Int, publicKey: String?) throws -> JSON {
    let delay = exposureDelay
    let port = try ownPort(.prime, wantsPreamble: publicKey != nil, ifDelayedBy: delay)
    let job = "job-\(Self.token(4))"
    let session = PrimeSession(
      id: "ssh-\(Self.token(8))", sandbox: sandbox, port: port,
      expires: Date() + Double(ttl), ttl: ttl,
      gateway: publicKey == nil
        ? .init(namespace: "user-simulator", job: job, token: "gwt_\(Self.token(16))") : nil,
      publicKey: publicKey)
    primeSessions[session.id] = session
    let logins = try server(.prime).logins
    try logins.add([session.id], until: session.expires)
    if let publicKey {
      try logins.open(session.id, to: publicKey)
      expose(session)
    }
    var answer: JSON = [
      "session_id": .string(session.id), "sandbox_id": .string(sandbox), "host": "127.0.0.1",
      "port": .integer(Int(port)), "expires_at": .string(Timestamp.microseconds(session.expires)),
      "ttl_seconds": .integer(ttl),
    ]
    if let gateway = session.gateway {
      let more: [(String, JSON)] = [
        ("exposure_id", "exp-\(Self.token(4))"), ("external_endpoint", "127.0.0.1:\(Int(port))"),
        ("gateway_url", "\(setting.url)/gateway"), ("user_ns", .string(gateway.namespace)),
        ("job_id", .string(gateway.job)), ("token", .string(gateway.token)),
      ]
      for (name, value) in more { answer = answer.replacing([name[...]], by: value) }
    }
    return answer
  }

  private func authorize(_ request: Incoming, path: [String]) throws -> Answer {
    guard request.method == "POST" else { throw Refused(405, ["detail": "Method Not Allowed"]) }
    guard path.count == 4, path[3] == "authorize" else {
      throw Refused(404, ["detail": "Not Found"])
    }
    guard let body = request.object, let id = body["session_id"]?.string,
      Set(body.keys) == ["session_id", "public_key", "ttl_seconds"]
    else {
      throw Refused(
        Self.invalid("body", "session_id, public_key and ttl_seconds are required, nothing else"))
    }
    guard var session = primeSessions[id], let gateway = session.gateway,
      path[1] == gateway.namespace, path[2] == gateway.job, session.expires > Date()
    else { throw Refused(404, ["detail": "Unknown session"]) }
    guard request.bearer == gateway.token else {
      throw Refused(401, ["detail": "Invalid session token"])
    }
    _ = try ttl(in: body, optional: false)
    let publicKey = try publicKey(in: body)
    if let earlier = session.publicKey {
      guard earlier == publicKey else {
        throw Refused(409, ["detail": "Session is authorized for another key"])
      }
      return Answer(200, ["status": "authorized"])
    }
    session.publicKey = publicKey
    primeSessions[id] = session
    try server(.prime).logins.open(id, to: publicKey ?? "")
    expose(session)
    return Answer(200, ["status": "authorized"])
  }

  /// Milliseconds; the endpoint switch that all providers have counts too.
  private var exposureDelay: Int {
    max(
      scenario.integer("prime.exposure_delay_ms"), scenario.integer("prime.endpoint_open_after_ms"))
  }

  private func expose(_ session: PrimeSession) {
    guard session.port != setting.preamblePort, session.port != setting.ports[.prime] else {
      return
    }
    let life = session.expires.timeIntervalSinceNow
    setting.listener.schedule(
      session.port, opensAt: .now + .milliseconds(exposureDelay), closesAt: .now + .seconds(life))
  }

  /// The provider drops a session: login and exposure are gone.
  func forgetPrime(_ id: String) {
    guard let session = primeSessions.removeValue(forKey: id) else { return }
    setting.servers[.prime]?.logins.remove([id])
    closeOwnPort(session.port)
  }
}
