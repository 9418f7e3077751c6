import Foundation

/// Dedalus's machines.
extension Simulator {
  /// The document's `MachineIDPathSegment`, or what the SDK (0.6.0) has: a bare UUID in lower case.
  private static let pattern = "^(dm-[a-z0-9]([a-z0-9-]*[a-z0-9])?|\(uuid))$"
  private static let uuid = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"

  func knownMachine(_ id: String) throws -> String {
    guard (4...253).contains(id.utf8.count),
      id.range(of: Self.pattern, options: .regularExpression) != nil
    else {
      throw Self.problem(
        422, "validation failed",
        errors: [
          [
            "location": "path.machine_id", "message": "expected string to match pattern",
            "value": .string(id),
          ]
        ])
    }
    let numbered = id.range(of: "^dm-m?[0-9]+$", options: .regularExpression) != nil
    guard numbered || scenario.strings("dedalus.machines").contains(id) else {
      throw Self.problem(404, "machine not found")
    }
    return id
  }

  func machine(_ id: String) -> JSON {
    let phase = scenario["dedalus.asleep"] == true ? "sleeping" : "running"
    return [
      "machine_id": .string(id), "phase": .string(phase), "desired_state": "running",
      "created_at": "2026-01-02T03:04:05Z", "vcpu": 1, "memory_mib": 2048, "storage_gib": 10,
    ]
  }

  /// Pages by a cursor: the number of the next machine behind `c_`.
  func listMachines(_ request: Incoming) throws -> Answer {
    let ids = scenario.strings("dedalus.machines")
    let limit = Int(request.parameter("limit") ?? "20") ?? 0
    guard (1...100).contains(limit) else {
      throw Self.problem(422, "validation failed", errors: [["location": "query.limit"]])
    }
    var start = 0
    if let cursor = request.parameter("cursor") {
      guard cursor.hasPrefix("c_"), let place = Int(cursor.dropFirst(2)),
        (0...ids.count).contains(place)
      else {
        throw Self.problem(422, "validation failed", errors: [["location": "query.cursor"]])
      }
      start = place
    }
    let items = ids.dropFirst(start).prefix(limit)
    let end = start + items.count
    return Answer(
      200,
      [
        "items": .array(items.map(machine)),
        "next_cursor": end < ids.count ? "c_\(end)" : nil,
      ])
  }
}
