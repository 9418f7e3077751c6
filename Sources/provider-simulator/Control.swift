import Foundation

/// The requests by which tests and scripts steer the simulator.
extension Simulator {
  func control(_ request: Incoming) async -> Answer {
    do {
      switch (request.method, request.path) {
      case ("POST", "/_simulator/scenario"):
        guard let change = try JSON(parsing: request.body).object else {
          throw Misuse("a scenario is an object")
        }
        try adopt(change)
      case ("POST", "/_simulator/reset"):
        try reset()
      case ("POST", "/_simulator/forget"):
        guard let id = try JSON(parsing: request.body)["session_id"]?.string,
          primeSessions[id] != nil || dedalusSessions[id] != nil || daytonaAccess[id] != nil
        else { throw Misuse("no such session") }
        forgetPrime(id)
        forgetDedalus(id)
        forgetDaytona(id)
      case ("GET", "/_simulator/requests"):
        return Answer(200, .array(record.map { $0.json(since: began) }))
      case ("GET", "/_simulator/state"):
        return Answer(200, state)
      default:
        return Answer(404, ["error": "no such control request"])
      }
      return Answer(200, ["ok": true])
    } catch {
      return Answer(400, ["error": "\(error)"])
    }
  }

  private func adopt(_ change: [String: JSON]) throws {
    let newFaults = try change["faults"]?.array?.map { try Fault($0) }
    let changed = try scenario.merge(change)
    if let newFaults { faults = newFaults }
    try settle(changed)
  }

  private func reset() throws {
    primeSessions.keys.forEach(forgetPrime)
    dedalusSessions.keys.forEach(forgetDedalus)
    setting.listener.hangUp()
    scenario = Scenario()
    faults = []
    idempotency = IdempotencyLedger()
    record = []
    limitedCalls = [:]
    answered = [:]
    started = []
    daytonaAccess.keys.forEach(forgetDaytona)
    try settle(Switch.all.map(\.name))
  }

  /// Makes the world what the switches say.
  private func settle(_ changed: [String]) throws {
    if changed.contains(where: { $0.hasPrefix("dedalus.host_") }) { try certifyDedalusHost() }
    if changed.contains("logins") {
      for realm in Realm.openedByUserKey {
        try server(realm).logins.add(scenario.strings("logins"))
      }
    }
    // A new course of states begins at its beginning.
    let courses = changed.filter { $0.hasSuffix(".states") }.map { $0.dropLast("states".count) }
    let isOver = { (name: String) in courses.contains { name.hasPrefix($0) } }
    answered = answered.filter { !isOver($0.key) }
    started = started.filter { !isOver($0) }
    applyRules(changed: changed)
  }

  /// Has the ports follow the endpoint switches.
  func applyRules(changed: [String]) {
    for realm in Realm.all {
      let name = realm.name
      let asleep = realm == .dedalus && scenario["dedalus.asleep"] == true
      var rule = RealmRule(
        manner: asleep ? .refused : scenario.manner("\(name).endpoint"),
        before: scenario.manner("\(name).before_open"))
      let delay = scenario.integer("\(name).endpoint_open_after_ms")
      if !realm.hasSessionPorts, delay > 0,
        changed.contains("\(name).endpoint_open_after_ms")
      {
        rule.opensAt = .now + .milliseconds(delay)
      }
      setting.listener.rule(realm, rule)
    }
  }

  private var state: JSON {
    let prime = primeSessions.values.sorted { $0.id < $1.id }.map { session -> JSON in
      [
        "session_id": .string(session.id), "sandbox_id": .string(session.sandbox),
        "login": .string(session.id), "port": .integer(Int(session.port)),
        "authorized": .bool(session.publicKey != nil),
        "expires_at": .string(Timestamp.seconds(session.expires)),
      ]
    }
    let dedalus = dedalusSessions.values.sorted { $0.id < $1.id }.map { session -> JSON in
      [
        "session_id": .string(session.id), "machine_id": .string(session.machine),
        "login": .string(session.login), "ready": .bool(session.ready != nil),
        "closed": .bool(session.closed),
        "port": session.port.map { .integer(Int($0)) } ?? .null,
      ]
    }
    let daytona = daytonaAccess.values.sorted { $0.created < $1.created }.map { access -> JSON in
      [
        "token": .string(access.token), "sandbox_id": .string(access.sandbox),
        "expires_at": .string(Timestamp.seconds(access.expires)),
      ]
    }
    return [
      "daytona": ["tokens": .array(daytona)],
      "prime": ["sessions": .array(prime)],
      "dedalus": [
        "sessions": .array(dedalus), "asleep": scenario["dedalus.asleep"],
      ],
      "connections": .integer(setting.children.count),
    ]
  }
}
