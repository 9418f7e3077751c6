import SystemIO

/// The user's account at Prime Intellect, by the calls that the vendor's own client makes.
struct PrimeAccount: KeyChecking, MachineListing {
  let api: ProviderAPI

  private static let pageSize = 50
  private static let hints = ProviderHints(
    provider: "Prime Intellect",
    denied: "make a new key at the provider, then `sshproxy login prime`",
    unknown: "")

  private struct User: Decodable {
    struct Fields: Decodable {
      let email: String?
      let slug: String?
    }
    let data: Fields
  }

  private struct Page: Decodable {
    struct Sandbox: Decodable {
      let id: String
      let name: String?
      let status: String
      let createdAt: String?
    }
    let sandboxes: [Sandbox]
    let hasNext: Bool
  }

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try api.ask(
      ["api", "v1", "user", "whoami"], step: step, hints: Self.hints, until: deadline)
    let user = try Answer.decode(response.body, as: User.self, step: step).data
    let owner = (user.email ?? user.slug).map { $0.shown(limit: 80) }
    return KeyVerdict(owner: owner, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> [Machine] {
    let step = "list the sandboxes"
    var result: [Machine] = []
    for number in 1...ListPages.most {
      let response = try api.ask(
        ["api", "v1", "sandbox"],
        query: "page=\(number)&per_page=\(Self.pageSize)&is_active=true", step: step,
        hints: Self.hints, until: deadline)
      let page = try Answer.decode(response.body, as: Page.self, step: step)
      result += page.sandboxes.map {
        Machine(id: $0.id, name: $0.name, state: $0.status, created: $0.createdAt)
      }
      if !page.hasNext { return result }
      if page.sandboxes.isEmpty { break }
    }
    throw ListPages.endless(step)
  }
}
