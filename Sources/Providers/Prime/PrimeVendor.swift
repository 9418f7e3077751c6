import Sessions
import SystemIO

extension Vendor {
  /// Prime Intellect's sandboxes.
  static let prime = Vendor(
    VendorFacts(
      "prime", title: "Prime Intellect", exampleID: "sb1",
      keys: [.init("PRIME_API_KEY")],
      baseURL: "https://api.primeintellect.ai",
      baseURLVariables: ["PRIME_API_BASE_URL", "PRIME_BASE_URL"], droppedPath: "/api/v1",
      options: [
        VendorOption("ttl", .number(1...3600, usual: 900)),
        VendorOption("team", PrimeScope.teamForm),
        VendorOption("context", .text(problem: PrimeContext.problem)),
      ],
      namesServers: true, client: .prime,
      scope: { (sources) throws(Failure) in try PrimeScope(sources).shown }),
    provider: { call, id in
      Prime(api: call.api(), sandbox: id, ttl: call.settings.number("ttl") ?? 900)
    },
    keyCheck: { PrimeAccount(api: $0.api()) },
    list: { (call) throws(Failure) in
      PrimeAccount(api: call.api(), team: try PrimeScope(call.sources).team)
    })
}
