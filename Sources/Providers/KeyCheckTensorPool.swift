import SystemIO

/// A key of TensorPool's, as its own client asks about it. Its lists are texts for people, so
/// there is no `MachineListing`.
struct TensorPoolAccount: KeyChecking {
  let api: ProviderAPI

  private static let hints = ProviderHints(
    provider: "TensorPool", denied: "copy the key again from the provider", unknown: "")

  private struct Answered: Decodable {
    let message: String?
  }

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try api.ask(
      ["user", "info"], step: step, hints: Self.hints, until: deadline)
    // The message is a text for people, and says more than whose key it is.
    _ = try Answer.decode(response.body, as: Answered.self, step: step)
    return KeyVerdict(owner: nil, time: response.date)
  }
}
