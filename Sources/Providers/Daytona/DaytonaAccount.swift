import SystemIO

/// The user's account at Daytona (daytona_api_client 0.231.0: list_sandboxes).
struct DaytonaAccount: KeyChecking, MachineListing {
  let api: ProviderAPI

  private static let hints = ProviderHints(
    provider: "Daytona", denied: "check key and organization, then `sshproxy login daytona`",
    unknown: "")

  /// Lists one sandbox, which any key may.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try page(1, after: nil, step, until: deadline)
    _ = try Answer(response.json, step: step).objects("items")
    return KeyVerdict(owner: nil, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    let step = "list the sandboxes"
    var list = MachineList()
    var cursor: String?
    while true {
      let response = try page(100, after: cursor, step, until: deadline)
      let answer = try Answer(response.json, step: step)
      let machines = try answer.objects("items").map { (item) throws(Failure) in
        Machine(
          id: try item.text("id"), name: try item.textIfAny("name"),
          state: try item.textIfAny("state") ?? "unknown",
          created: try item.textIfAny("createdAt"))
      }
      let next = try answer.textIfAny("nextCursor").flatMap { $0.isEmpty ? nil : $0 }
      guard list.add(machines, of: response, hasMore: next != nil), let next else { return list }
      guard next != cursor else { throw MachineList.endless(step) }
      cursor = try Validator(step: step).token(next, field: "nextCursor")
    }
  }

  private func page(
    _ limit: Int, after cursor: String?, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    let place = cursor.map { "&cursor=" + HTTPRequest.encoded($0) } ?? ""
    return try api.ask(
      ["sandbox"], query: "limit=\(limit)\(place)", step: step, hints: Self.hints, until: deadline)
  }
}
