import Configuration

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
    provider: { TensorPool(api: $0.api(), instance: $1, home: $0.sources.files.home) },
    keyCheck: { TensorPoolAccount(api: $0.api()) },
    withoutList: "what TensorPool lists is for people only: `tp cluster list` shows it")
}
