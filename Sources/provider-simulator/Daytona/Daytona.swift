import Foundation

/// Daytona's sandboxes, as its client (daytona_api_client 0.231.0) and its server's source have them:
/// a token is the login name, and a new one ends those that its sandbox had.
struct DaytonaAccess: Sendable {
  let token: String
  let sandbox: String
  let created: Date
  let expires: Date
}

extension Cloud {
  static let daytona = Cloud(
    realm: .daytona,
    instances: Instances(
      listed: ["b7f3c1d2-5e6a-4c8b-9d0e-1f2a3b4c5d6e", "c8a4d2e3-6f7b-4d9c-8e1f-2a3b4c5d6e7f"],
      known: "00000000-0000-4000-8000-[0-9a-f]{12}", ready: "started", login: "", gpu: "H100"),
    key: { $0.bearer },
    call: { request, path in
      guard path.starts(with: ["api", "sandbox"]) else { return nil }
      return switch path.count {
      case 2: .all
      case 3: .one(path[2])
      default: nil
      }
    },
    one: { sandbox, scenario in
      guard let sandbox else { return daytonaRefusal(404, "Sandbox not found") }
      return Answer(200, daytonaSandbox(sandbox, scenario))
    },
    all: { sandboxes, request, scenario in
      let asked = Int(request.parameter("limit") ?? "") ?? 100
      let size = max(1, min(asked, scenario.integer("daytona.per_page")))
      let start = Int(request.parameter("cursor") ?? "") ?? 0
      let page = sandboxes.dropFirst(start).prefix(size)
      let next = start + page.count
      return Answer(
        200,
        [
          "items": .array(page.map { daytonaSandbox($0, scenario) }),
          "nextCursor": next < sandboxes.count ? .string(String(next)) : nil,
        ])
    },
    refusal: daytonaRefusal)

  static func daytonaSandbox(_ sandbox: Instance, _ scenario: Scenario) -> JSON {
    let count = scenario.integer("daytona.gpu_count")
    return [
      "id": .string(sandbox.id), "name": .string(sandbox.name),
      "organizationId": "org-simulator", "user": "daytona", "env": [:], "labels": [:],
      "public": false, "networkBlockAll": false, "kvm": false, "target": "us", "cpu": 1,
      "gpu": .integer(count), "gpuType": count > 0 ? .string(sandbox.gpu) : nil, "memory": 1,
      "disk": 3, "state": .string(sandbox.state), "desiredState": "started",
      "snapshot": "daytonaio/sandbox:0.4.3", "autoStopInterval": 15,
      "sandboxClass": "linux-container",
      "createdAt": .string(sandbox.created), "updatedAt": .string(sandbox.created),
      "toolboxProxyUrl": "http://127.0.0.1/toolbox",
    ]
  }

  static func daytonaRefusal(_ status: Int, _ message: String) -> Answer {
    let words = [
      400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
      405: "Method Not Allowed", 409: "Conflict", 429: "Too Many Requests",
    ]
    return Answer(
      status,
      [
        "statusCode": .integer(status), "error": .string(words[status] ?? "Error"),
        "message": .string(message), "timestamp": .string(Timestamp.seconds(Date())),
      ])
  }
}

extension Simulator {
  private static let startable: Set<String> = ["stopped", "archived", "paused"]
  private static let alphabet = Array(
    "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")

  /// - Parameter path: the segments below the API's own path.
  func daytona(_ request: Incoming, _ path: [String]) throws -> Answer {
    let key = setting.credentials[.daytona]
    let organization = scenario.string("daytona.organization")
    guard organization.isEmpty || request.headers["x-daytona-organization-id"] == organization
    else { throw Refused(Cloud.daytonaRefusal(403, "Forbidden resource")) }
    var path = path
    if path.count > 2 { path[2] = id(ofSandbox: path[2]) }
    guard path.count == 4, path.starts(with: ["api", "sandbox"]) else {
      return try settled(answer(request, path, by: .daytona, key: key))
    }
    try admit(request, to: .daytona, key: key)
    guard isKnown(path[2], to: .daytona) else {
      throw Refused(Cloud.daytonaRefusal(404, "Sandbox with ID or name \(path[2]) not found"))
    }
    switch (request.method, path[3]) {
    case ("POST", "start"): return try settled(start(path[2]))
    case ("POST", "ssh-access"): return try createAccess(request, to: path[2])
    case ("DELETE", "ssh-access"):
      // Without a token all that the sandbox has are revoked.
      let token = request.parameter("token")
      revokeAccess(to: path[2]) { token == nil || $0 == token }
      let sandbox = try instance(path[2], of: .daytona)
      return Answer(200, Cloud.daytonaSandbox(sandbox, scenario))
    default: throw Refused(Cloud.daytonaRefusal(404, "Cannot \(request.method) \(request.path)"))
    }
  }

  /// A sandbox's name leads to it as its id does.
  private func id(ofSandbox word: String) -> String {
    let ids = scenario.strings("daytona.instances")
    if let place = scenario.strings("daytona.names").firstIndex(of: word), place < ids.count {
      return ids[place]
    }
    return word.hasSuffix("-name") ? String(word.dropLast("-name".count)) : word
  }

  private func start(_ id: String) throws -> Answer {
    let sandbox = try instance(id, of: .daytona)
    if !sandbox.isReady {
      guard Self.startable.contains(sandbox.state) else {
        throw Refused(
          sandbox.state == "error"
            ? Cloud.daytonaRefusal(400, "Sandbox is not in valid state")
            : Cloud.daytonaRefusal(409, "Sandbox state change in progress"))
      }
      started.insert("daytona.\(id)")
      answered["daytona.\(id)"] = 0
    }
    return Answer(200, Cloud.daytonaSandbox(try instance(id, of: .daytona), scenario))
  }

  private func createAccess(_ request: Incoming, to id: String) throws -> Answer {
    let minutes = Double(request.parameter("expiresInMinutes") ?? "60")
    guard let minutes, minutes > 0, minutes <= 1440 else {
      throw Refused(Cloud.daytonaRefusal(400, "expiresInMinutes is not a number of minutes"))
    }
    revokeAccess(to: id) { _ in true }
    let forced = scenario.integer("daytona.ttl_seconds")
    let now = Date()
    let access = DaytonaAccess(
      token: String((0..<32).map { _ in Self.alphabet.randomElement() ?? "0" }), sandbox: id,
      created: now, expires: now + (forced > 0 ? Double(forced) : minutes * 60))
    daytonaAccess[access.token] = access
    let sandbox = try instance(id, of: .daytona)
    try openLogins()
    let port = sandbox.port == 22 ? "" : "-p \(sandbox.port) "
    return Answer(
      200,
      [
        "id": .string(UUID().uuidString.lowercased()), "sandboxId": .string(id),
        "token": .string(access.token),
        "expiresAt": .string(Timestamp.microseconds(access.expires)),
        "createdAt": .string(Timestamp.microseconds(now)),
        "updatedAt": .string(Timestamp.microseconds(now)),
        "sshCommand": .string("ssh \(port)\(access.token)@\(sandbox.host)"),
      ])
  }

  /// Passes an answer on, after which a sandbox may have become one to log in to.
  private func settled(_ answer: Answer) throws -> Answer {
    try openLogins()
    return answer
  }

  /// Lets the tokens of sandboxes in that are started; the gateway has nothing behind the others.
  private func openLogins() throws {
    let logins = try server(.daytona).logins
    for access in daytonaAccess.values where !logins.contains(access.token) {
      guard access.expires > Date(), try instance(access.sandbox, of: .daytona).isReady else {
        continue
      }
      try logins.add([access.token], until: access.expires)
    }
  }

  private func revokeAccess(to sandbox: String, where isMeant: (String) -> Bool) {
    for access in daytonaAccess.values where access.sandbox == sandbox && isMeant(access.token) {
      forgetDaytona(access.token)
    }
  }

  /// The token logs in no longer.
  func forgetDaytona(_ token: String) {
    guard daytonaAccess.removeValue(forKey: token) != nil else { return }
    setting.servers[.daytona]?.logins.remove([token])
  }
}

extension Realm {
  static let daytona = Realm(name: "daytona", opening: .name)
}

extension SimulatedVendor {
  static let daytona = SimulatedVendor(
    name: "daytona", title: "Daytona", keyPrefix: "dtn_", realms: [.daytona],
    environment: { url, key in
      [
        "DAYTONA_API_KEY": key, "DAYTONA_API_URL": "\(url)/daytona/api",
        "DAYTONA_BASE_URL": "\(url)/daytona",
      ]
    },
    switches: Cloud.daytona.switches(
      [
        Switch(
          name: "daytona.start_states", standard: ["starting", "started"],
          help: "the course of states after a start (stopped, archived, paused: can be started)"),
        Switch(
          name: "daytona.organization", standard: "",
          help: "X-Daytona-Organization-ID must be this; empty: it may be anything"),
        Switch(
          name: "daytona.ttl_seconds", standard: 0,
          help: "life of every token; 0: what is asked for"),
        Switch(
          name: "daytona.per_page", standard: 100, help: "most sandboxes on one page of the list"),
      ], without: ["login", "cents_per_hour"]),
    answer: { simulator, request in
      let path = request.segments
      guard path.first == "daytona" else { return nil }
      return try await simulator.daytona(request, Array(path.dropFirst()))
    })
}
