import SystemIO

/// The user's account at TensorPool, by the call that the vendor's own client makes. Its lists are
/// texts for people, so there is no `MachineListing`.
struct TensorPoolAccount: KeyChecking {
  let api: ProviderAPI

  private static let hints = ProviderHints(
    provider: "TensorPool", denied: "copy the key again from the provider", unknown: "")

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try api.ask(
      ["user", "info"], step: step, hints: Self.hints, until: deadline)
    // The message is a text for people, from which the owner cannot be extracted reliably.
    _ = try Answer(response.json, step: step).textIfAny("message")
    return KeyVerdict(owner: nil, time: response.date)
  }
}
