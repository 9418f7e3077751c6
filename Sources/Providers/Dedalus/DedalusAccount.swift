import SystemIO

/// The user's account at Dedalus, by the calls that the vendor's own client makes.
struct DedalusAccount: KeyChecking, MachineListing {
  let api: ProviderAPI

  private static let pageSize = 100
  private static let hints = ProviderHints(
    provider: "Dedalus", denied: "check key and organization, then `sshproxy login dedalus`",
    unknown: "")

  private struct Page {
    let machines: [Machine]
    let nextCursor: String?

    init(_ response: HTTPResponse, _ step: String) throws(Failure) {
      let answer = try Answer(response.json, step: step)
      machines = try answer.objects("items").map { (item) throws(Failure) in
        Machine(
          id: try item.text("machine_id"), state: try item.text("phase"),
          created: try item.textIfAny("created_at"))
      }
      nextCursor = try answer.textIfAny("next_cursor")
    }
  }

  /// Lists one machine: the API has no call just to check a key.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try page(1, after: nil, step, until: deadline)
    _ = try Page(response, step)
    return KeyVerdict(owner: nil, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    let step = "list the machines"
    var list = MachineList()
    var cursor: String?
    while true {
      let response = try page(Self.pageSize, after: cursor, step, until: deadline)
      let page = try Page(response, step)
      let next = page.nextCursor.flatMap { $0.isEmpty ? nil : $0 }
      guard list.add(page.machines, of: response, hasMore: next != nil), let next else {
        return list
      }
      guard next != cursor else { throw MachineList.endless(step) }
      cursor = try Validator(step: step).token(next, field: "next_cursor")
    }
  }

  private func page(
    _ limit: Int, after cursor: String?, _ step: String, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    let place = cursor.map { "&cursor=" + HTTPRequest.encoded($0) } ?? ""
    return try api.ask(
      ["v1", "machines"], query: "limit=\(limit)\(place)", step: step, hints: Self.hints,
      until: deadline)
  }
}
