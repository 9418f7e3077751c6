extension Realm {
  static let dedalus = Realm(name: "dedalus", opening: .certificate, hasSessionPorts: true)
}

extension SimulatedVendor {
  static let dedalus = SimulatedVendor(
    name: "dedalus", title: "Dedalus", keyPrefix: "dsk-", realms: [.dedalus],
    environment: { url, key in
      ["DEDALUS_API_KEY": key, "DEDALUS_BASE_URL": url]
    },
    switches: [
      Switch(
        name: "dedalus.machines",
        standard: ["dm-abc", "dm-def", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"],
        help: "ids that are listed; dm-N and dm-mN are known besides"),
      Switch(
        name: "dedalus.organization", standard: "",
        help: "X-Dedalus-Org-Id must be this; empty: it may be anything"),
      Switch(
        name: "dedalus.refuse", standard: "", choices: [""] + dedalusRefusals.keys.sorted(),
        help: "the document's example that POST and DELETE are answered"),
      Switch(
        name: "dedalus.refusals", standard: 1, help: "how often they are; below 0: for ever"),
      Switch(name: "dedalus.wake_polls", standard: 2, help: "answers before `ready`"),
      Switch(name: "dedalus.retry_after_ms", standard: 100, help: "in those answers; 0: left out"),
      Switch(
        name: "dedalus.pending_status", standard: "wake_in_progress",
        help: "their status (ssh_in_progress)"),
      Switch(
        name: "dedalus.final_status", standard: "ready",
        choices: ["ready", "failed", "expired", "closed"], help: "the status that follows"),
      Switch(
        name: "dedalus.asleep", standard: false,
        help: "connections are refused until a session is opened or asked for"),
      Switch(name: "dedalus.ttl_seconds", standard: 900, help: "life of a session"),
      Switch(
        name: "dedalus.create_delay_ms", standard: 0,
        help: "a POST takes so long, its Idempotency-Key is in flight meanwhile"),
      Switch(name: "dedalus.endpoint_name", standard: "localhost", help: "connection.endpoint"),
      Switch(
        name: "dedalus.host_pattern", standard: "", help: "host_trust.host_pattern; empty: the name"
      ),
      Switch(
        name: "dedalus.host_principals", standard: "localhost,127.0.0.1",
        help: "principals of the host certificate"),
      Switch(
        name: "dedalus.host_certificate", standard: "good",
        choices: ["good", "none", "expired", "other_authority"], help: "what sshd shows"),
      Switch(
        name: "dedalus.certificate", standard: "good",
        choices: [
          "good", "other_key", "host", "expired", "not_yet", "other_principal", "no_principal",
          "none",
        ],
        help: "the user certificate that is answered"),
    ],
    answer: { try await $0.dedalus($1) })
}
