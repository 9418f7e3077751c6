extension Realm {
  static let prime = Realm(name: "prime", opening: .sessionKey, hasSessionPorts: true)
  static let primePod = Realm(name: "prime_pod")
}

extension SimulatedVendor {
  static let prime = SimulatedVendor(
    name: "prime", title: "Prime Intellect", keyPrefix: "pit_", realms: [.prime, .primePod],
    environment: { url, key in
      ["PRIME_API_KEY": key, "PRIME_API_BASE_URL": url, "PRIME_BASE_URL": url]
    },
    switches: [
      Switch(
        name: "prime.sandboxes", standard: ["sb1", "sb2", "vm1"],
        help: "ids that are listed; sbN and vmN are known besides"),
      Switch(
        name: "prime.team", standard: "t-sim", help: "the team that the list knows (team_id)"),
      Switch(
        name: "prime.team_sandboxes", standard: ["sb7"], help: "ids that are listed for it"),
      Switch(
        name: "prime.exposure_delay_ms", standard: 150,
        help: "from authorize (VM: from create) to an open port; 0: sshd's own port"),
      Switch(
        name: "prime.ttl_seconds", standard: 0, help: "life of every session; 0: what is asked for"),
      Switch(
        name: "prime.reject_public_key", standard: "", choices: ["", "errors", "detail"],
        help: "token flow: 422 about public_key, in either shape"),
      Switch(
        name: "prime.rate_limit", standard: 0,
        help: "sessions a minute for each sandbox before 429; 0: no limit (the real one is 20)"),
      Switch(name: "prime.per_page", standard: 50, help: "most sandboxes on one page of the list"),
    ] + Cloud.primePodSwitches,
    answer: { try await $0.prime($1) })
}
