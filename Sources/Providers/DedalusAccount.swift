import SystemIO

/// The user's account at Dedalus, by the calls that the vendor's own client makes.
struct DedalusAccount: KeyChecking, MachineListing {
  let api: ProviderAPI

  private static let pageSize = 100
  private static let hints = ProviderHints(
    provider: "Dedalus", denied: "check key and organization, then `sshproxy login dedalus`",
    unknown: "")

  private struct Page: Decodable {
    struct Item: Decodable {
      let machineId: String
      let phase: String
      let createdAt: String?
    }
    let items: [Item]
    let nextCursor: String?
  }

  /// Lists one machine: the API has no call just to check a key.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try page(1, after: nil, step, until: deadline)
    _ = try Answer.decode(response.body, as: Page.self, step: step)
    return KeyVerdict(owner: nil, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> [Machine] {
    let step = "list the machines"
    var result: [Machine] = []
    var cursor: String?
    for _ in 1...ListPages.most {
      let response = try page(Self.pageSize, after: cursor, step, until: deadline)
      let page = try Answer.decode(response.body, as: Page.self, step: step)
      result += page.items.map {
        Machine(id: $0.machineId, state: $0.phase, created: $0.createdAt)
      }
      guard let next = page.nextCursor, !next.isEmpty else { return result }
      if next == cursor { break }
      cursor = try Checks(step: step).token(next, field: "next_cursor")
    }
    throw ListPages.endless(step)
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
