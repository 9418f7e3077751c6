import Foundation

/// Prime's sandboxes, its limits, and the shapes of its refusals.
extension Simulator {
  static let primeUser: JSON = [
    "id": "user-simulator", "email": "simulator@example.org", "slug": "simulator",
    "name": "Simulator", "teams": [],
  ]

  func knownSandbox(_ id: String) throws -> String {
    let numbered =
      id.range(of: "^(sb|vm)[0-9]+$", options: .regularExpression) != nil
    guard numbered || scenario.strings("prime.sandboxes").contains(id) else {
      throw Refused(404, ["detail": "Sandbox not found"])
    }
    return id
  }

  func sandbox(_ id: String) -> JSON {
    [
      "id": .string(id), "name": "\(id)-name", "dockerImage": "python:3.11-slim",
      "cpuCores": 1, "memoryGB": 2, "diskSizeGB": 10, "diskMountPath": "/sandbox-workspace",
      "gpuCount": 0, "status": "RUNNING",
      "timeoutMinutes": 60, "environmentVars": [:], "labels": [],
      "createdAt": "2026-01-02T03:04:05Z", "updatedAt": "2026-01-02T03:04:06Z",
      "startedAt": "2026-01-02T03:04:06Z", "userId": "user-simulator",
      "vm": .bool(id.hasPrefix("vm")),
    ]
  }

  /// The team whose list is asked for; `nil` for the user's own.
  static func primeTeam(_ request: Incoming, _ scenario: Scenario) throws -> String? {
    guard let team = request.parameter("team_id") else { return nil }
    guard !team.isEmpty, team == scenario.string("prime.team") else {
      throw Refused(403, ["detail": "You are not a member of this team"])
    }
    return team
  }

  func listSandboxes(_ request: Incoming) throws -> Answer {
    let team = try Self.primeTeam(request, scenario)
    let page = max(1, Int(request.parameter("page") ?? "") ?? 1)
    let asked = max(1, Int(request.parameter("per_page") ?? "") ?? 50)
    let size = min(asked, max(1, scenario.integer("prime.per_page")))
    let ids = scenario.strings(team == nil ? "prime.sandboxes" : "prime.team_sandboxes")
    let items = ids.dropFirst((page - 1) * size).prefix(size)
    return Answer(
      200,
      [
        "sandboxes": .array(items.map(sandbox)), "total": .integer(ids.count),
        "page": .integer(page), "perPage": .integer(size),
        "hasNext": .bool(page * size < ids.count),
      ])
  }

  /// The document's limit: so many requests per 60 seconds for a sandbox.
  func limitRate(of sandbox: String) throws {
    let limit = scenario.integer("prime.rate_limit")
    guard let wait = secondsToWait(for: "prime.\(sandbox)", limit: limit) else { return }
    throw Refused(
      429, ["detail": "Rate limit exceeded: \(limit) per 60 second"],
      headers: ["Retry-After": String(wait)])
  }

  /// 422 in the document's shape.
  static func invalid(_ parameter: String, _ details: String) -> Answer {
    Answer(422, ["errors": [["param": .string(parameter), "details": .string(details)]]])
  }

  /// - Returns: seconds, `nil` where the client leaves it to the provider.
  func ttl(in body: [String: JSON], optional: Bool) throws -> Int? {
    let value = body["ttl_seconds"] ?? .null
    if optional, value == .null { return nil }
    guard let seconds = value.integer, (1...3600).contains(seconds) else {
      throw Refused(Self.invalid("ttl_seconds", "Input should be an integer from 1 to 3600"))
    }
    return seconds
  }

  func publicKey(in body: [String: JSON]) throws -> String? {
    guard let value = body["public_key"] else { return nil }
    guard let text = value.string else {
      throw Refused(Self.invalid("public_key", "Input should be a valid string"))
    }
    if let flaw = PublicKey.flaw(of: text) {
      throw Refused(Self.invalid("public_key", "The key \(flaw)"))
    }
    return text
  }
}
