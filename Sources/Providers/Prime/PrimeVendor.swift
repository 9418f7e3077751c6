import Configuration
import SystemIO

extension Vendor {
  /// Prime Intellect's sandboxes.
  static let prime = Vendor(
    VendorFacts(
      "prime", title: "Prime Intellect", exampleID: "sb1",
      keys: [
        .init(
          "PRIME_API_KEY",
          about: "The key for Prime Intellect. `PRIME_API_BASE_URL` and `PRIME_BASE_URL` name "
            + "another address of its API.")
      ],
      baseURL: "https://api.primeintellect.ai",
      baseURLVariables: ["PRIME_API_BASE_URL", "PRIME_BASE_URL"], droppedPath: "/api/v1",
      variables: [
        (
          "PRIME_TEAM_ID",
          "The team whose sandboxes `list` shows; set but empty: the personal scope."
        ),
        (
          "PRIME_CONTEXT", "A context of Prime's own client: `context` in sshproxy-config(5)."
        ),
      ],
      options: [
        VendorOption(
          "ttl", .number(1...3600, usual: 900),
          about: "The life of a session in seconds"),
        VendorOption(
          "team", PrimeScope.teamForm,
          about: "The id of the team whose sandboxes `list` shows. Default: `team_id` of the "
            + "vendor's own file. PRIME_TEAM_ID comes first."),
        VendorOption(
          "context", .text(problem: PrimeContext.problem),
          about: "A context of the vendor's own client, `~/.prime/environments/NAME.json`, whose "
            + "key, team and address come before all but the environment's; `production` is the "
            + "default address and no team. One that is not there is an error. PRIME_CONTEXT comes "
            + "first."),
      ],
      isAlwaysClaimed: true, namesServers: true, client: .prime,
      scope: { (sources) throws(Failure) in try PrimeScope(sources).scope },
      scopeFields: [
        (
          "prime",
          "The account at Prime Intellect that was asked, with the two fields below; null where it "
            + "was not."
        ),
        ("team", "The team's id; null for the personal scope."),
        ("context", "The context of Prime's own client that was named, or null."),
      ]),
    provider: { (call, id) throws(Failure) in
      Prime(api: call.api(), sandbox: id, ttl: try call.settings.number("ttl"))
    },
    keyCheck: { PrimeAccount(api: $0.api()) },
    list: { (call) throws(Failure) in
      PrimeAccount(api: call.api(), team: try PrimeScope(call.sources).team)
    })
}
