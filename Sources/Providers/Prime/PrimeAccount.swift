import SystemIO

/// The user's account at Prime Intellect, by the calls that the vendor's own client makes. No `ListedAccount`:
/// its key has a call of its own, and its pages have numbers, which no answer is sure to repeat.
struct PrimeAccount: KeyChecking, MachineListing {
  let api: ProviderAPI
  /// The team whose sandboxes are listed; `nil` for the personal scope.
  var team: String?

  private static let pageSize = 50
  private static let hints = ProviderHints(
    provider: "Prime Intellect",
    denied: "make a new key at the provider, then `sshproxy login prime`",
    notFound: "")

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try api.ask(
      ["api", "v1", "user", "whoami"], step: step, hints: Self.hints, until: deadline)
    let user = try Answer(response.json, step: step).object("data")
    let (email, slug) = (try user.textIfAny("email"), try user.textIfAny("slug"))
    return KeyVerdict(owner: (email ?? slug).map { $0.sanitized(limit: 80) }, time: response.date)
  }

  func machines(until deadline: Moment) throws(Failure) -> MachineList {
    let step = "list the sandboxes"
    let scope = team.map { "&team_id=" + $0.percentEncoded } ?? ""
    return try MachineList.read(step) { (token) throws(Failure) in
      let number = token.flatMap { Int($0) } ?? 1
      let response = try api.ask(
        ["api", "v1", "sandbox"],
        query: "page=\(number)&per_page=\(Self.pageSize)&is_active=true\(scope)", step: step,
        hints: Self.hints, until: deadline)
      let answer = try Answer(response.json, step: step)
      let page = try answer.objects("sandboxes").map { (item) throws(Failure) in
        Machine(
          id: try item.text("id"), name: try item.textIfAny("name"),
          gpu: try item.textIfAny("gpuType"), gpuCount: try item.intIfItFits("gpuCount"),
          state: try item.text("status"), created: try item.textIfAny("createdAt"),
          ends: try ends(item))
      }
      return (response, page, try answer.flag("hasNext") ? String(number + 1) : nil)
    }
  }

  /// A sandbox lives for so many minutes from its start.
  private func ends(_ sandbox: Answer) throws(Failure) -> Int64? {
    let started = try sandbox.textIfAny("startedAt")
    let created = try sandbox.textIfAny("createdAt")
    guard let minutes = try sandbox.intIfItFits("timeoutMinutes"), minutes > 0,
      let start = started ?? created,
      let begin = try? Answer.time(start, field: "startedAt", step: "")
    else { return nil }
    return begin.saturatingAdding(Int64(minutes).saturatingMultiplied(by: 60))
  }
}
