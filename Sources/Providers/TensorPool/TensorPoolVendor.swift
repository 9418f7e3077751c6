import Configuration
import SystemIO

extension Vendor {
  /// TensorPool's clusters. Its lists are texts for people.
  static let tensorpool = Vendor(
    VendorFacts(
      "tensorpool", title: "TensorPool", exampleID: "node1",
      keys: [
        .init(
          "TENSORPOOL_KEY",
          about: "The key for TensorPool. `TENSORPOOL_ENGINE` names another address.")
      ],
      baseURL: "https://engine.tensorpool.dev", baseURLVariables: ["TENSORPOOL_ENGINE"],
      isAlwaysClaimed: true),
    provider: { InstanceProvider.tensorPool($0.api(), $1, home: $0.sources.files.home) },
    keyCheck: { TensorPoolAccount(api: $0.api()) },
    withoutList: "what TensorPool lists is for people only: `tp cluster list` shows it")
}

/// The user's account at TensorPool, by the call that the vendor's own client makes. Its lists are
/// texts for people, so there is no `MachineListing`.
struct TensorPoolAccount: KeyChecking {
  let api: ProviderAPI

  private static let hints = ProviderHints(
    provider: "TensorPool", denied: "copy the key again from the provider", notFound: "")

  func check(until deadline: Moment) throws(Failure) -> KeyVerdict {
    let step = "check the key"
    let response = try api.ask(
      ["user", "info"], step: step, hints: Self.hints, until: deadline)
    // The message is a text for people, from which the owner cannot be extracted reliably.
    _ = try Answer(response.json, step: step).textIfAny("message")
    return KeyVerdict(owner: nil, time: response.date)
  }
}
