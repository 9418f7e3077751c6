import Foundation

/// An SSH session of Dedalus, from its first answer on.
struct DedalusSession: Sendable {
  let id = "wssh-\(Simulator.token(8))"
  let login = "u-\(Simulator.token(6))"
  let machine: String
  let publicKey: String
  /// Answers that will still say that the machine wakes.
  var pollsLeft: Int
  /// Since it was made, or since its machine was found asleep.
  var wakes = true
  let created: Date
  var ready: Date?
  var expires: Date?
  var port: UInt16?
  var certificate: String?
  var closed = false

  init(machine: String, publicKey: String, pollsLeft: Int, created: Date) {
    self.machine = machine
    self.publicKey = publicKey
    self.pollsLeft = pollsLeft
    self.created = created
  }
}

extension Simulator {
  /// How many answers come before `ready`; a machine that sleeps takes one at least.
  var wakePolls: Int {
    max(scenario.integer("dedalus.wake_polls"), scenario["dedalus.asleep"] == true ? 1 : 0)
  }

  /// What is answered when a session is made or asked for: time goes on by one poll.
  func poll(_ before: DedalusSession) throws -> JSON {
    var session = before
    defer { dedalusSessions[session.id] = session }
    if session.closed || isOver(session) { return describe(session) }
    if !session.wakes, scenario["dedalus.asleep"] == true {
      session.wakes = true
      session.pollsLeft = wakePolls
    }
    if session.pollsLeft > 0 {
      session.pollsLeft -= 1
      return describe(session, pending: true)
    }
    session.wakes = false
    let final = scenario.string("dedalus.final_status")
    if final != "ready" {
      return describe(session).replacing(["status"], by: .string(final))
        .replacing(["error_code"], by: "MACHINE_\(final.uppercased())")
        .replacing(["error_message"], by: "the machine could not be woken")
    }
    if scenario["dedalus.asleep"] == true {
      _ = try scenario.merge(["dedalus.asleep": false])
      applyRules(changed: [])
    }
    if session.ready == nil { try makeReady(&session) }
    return describe(session)
  }

  private func isOver(_ session: DedalusSession) -> Bool {
    session.expires.map { $0 <= Date() } ?? false
  }

  private func makeReady(_ session: inout DedalusSession) throws {
    let ttl = scenario.integer("dedalus.ttl_seconds")
    // Whole seconds, as the answer names them.
    let expires = Date(
      timeIntervalSince1970: (Date().timeIntervalSince1970 + Double(ttl)).rounded())
    session.certificate = try userCertificate(for: session, until: expires)
    let delay = scenario.integer("dedalus.endpoint_open_after_ms")
    let port = try ownPort(.dedalus, wantsPreamble: false, ifDelayedBy: delay)
    if delay > 0 {
      setting.listener.schedule(
        port, opensAt: .now + .milliseconds(delay), closesAt: .now + .seconds(ttl))
    }
    try server(.dedalus).logins.add([session.login], until: expires)
    session.ready = Date()
    session.expires = expires
    session.port = port
  }

  private func describe(_ session: DedalusSession, pending: Bool = false) -> JSON {
    var json: [String: JSON] = [
      "session_id": .string(session.id), "machine_id": .string(session.machine),
      "created_at": .string(Timestamp.seconds(session.created)),
    ]
    if let expires = session.expires { json["expires_at"] = .string(Timestamp.seconds(expires)) }
    if pending {
      json["status"] = .string(scenario.string("dedalus.pending_status"))
      let wait = scenario.integer("dedalus.retry_after_ms")
      if wait > 0 { json["retry_after_ms"] = .integer(wait) }
    } else if session.closed || isOver(session) {
      json["status"] = session.closed ? "closed" : "expired"
    } else if let ready = session.ready, let port = session.port {
      json["status"] = "ready"
      json["ready_at"] = .string(Timestamp.seconds(ready))
      json["connection"] = connection(of: session, port: port)
    }
    return .object(json)
  }

  private func connection(of session: DedalusSession, port: UInt16) -> JSON {
    let name = scenario.string("dedalus.endpoint_name")
    let pattern = scenario.string("dedalus.host_pattern")
    var json: [String: JSON] = [
      "endpoint": .string(name), "port": .integer(Int(port)),
      "ssh_username": .string(session.login),
    ]
    if let certificate = session.certificate { json["user_certificate"] = .string(certificate) }
    if let key = try? KeyFiles.publicText(setting.keys.hostAuthority) {
      json["host_trust"] = [
        "kind": "cert_authority", "host_pattern": .string(pattern.isEmpty ? name : pattern),
        "public_key": .string(key),
      ]
    }
    return .object(json)
  }

  /// Closes a session, or is told that it is closed.
  func close(_ session: DedalusSession) -> JSON {
    forgetDedalus(session.id)
    dedalusSessions[session.id] = session
    return describe(session)
  }

  /// The provider drops a session: login and exposure are gone.
  func forgetDedalus(_ id: String) {
    guard let session = dedalusSessions.removeValue(forKey: id) else { return }
    setting.servers[.dedalus]?.logins.remove([session.login])
    if let port = session.port { closeOwnPort(port) }
  }
}
