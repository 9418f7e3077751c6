/// A vendor's API on loopback: a folder with its calls, and one line in `all`.
struct SimulatedVendor: Sendable {
  let name: String
  let title: String
  /// What its keys begin with.
  let keyPrefix: String
  /// Those of the machines that its answers name.
  let realms: [Realm]
  /// The variables by which the vendor's client and ours find it, from its URL and its key.
  let environment: @Sendable (_ url: String, _ key: String) -> [String: String]
  let switches: [Switch]
  /// Answers a request; `nil` when the path is none of its own.
  let answer: @Sendable (Simulator, Incoming) async throws -> Answer?

  static let all: [SimulatedVendor] = [
    .prime,
    .dedalus,
    .tensorpool,
    .runpod,
    .vast,
    .lambda,
    .shadeform,
    .daytona,
  ]
}

/// The keys of the APIs; made afresh at each start, so that a leaked one is recognised.
struct Credentials: Sendable {
  private let keys = Dictionary(
    uniqueKeysWithValues: SimulatedVendor.all.map {
      ($0.name, $0.keyPrefix + Simulator.token(16))
    })

  subscript(_ vendor: SimulatedVendor) -> String { self[name: vendor.name] }
  subscript(name name: String) -> String { keys[name] ?? "" }
}
