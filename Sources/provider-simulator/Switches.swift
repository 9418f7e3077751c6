/// One thing that a scenario can change, with what holds otherwise.
struct Switch: Sendable {
  var name: String
  var standard: JSON
  var choices: [String] = []
  var help: String
}

extension Switch {
  static let manners = Manner.allCases.map(\.rawValue)

  /// Every switch, in the order of `--help`.
  static let all: [Switch] =
    prime + dedalus + tensorpool + endpoints + [
      Switch(
        name: "logins", standard: [],
        help: "more login names that the tensorpool and plain sshd know"),
      Switch(name: "faults", standard: [], help: "see FAULTS"),
    ]

  private static let prime = [
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
  ]

  private static let dedalus = [
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
      name: "dedalus.host_pattern", standard: "", help: "host_trust.host_pattern; empty: the name"),
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
  ]

  private static let tensorpool = [
    Switch(
      name: "tensorpool.instances", standard: ["node1", "node2"],
      help: "ids that are listed; nodeN is known besides"),
    Switch(name: "tensorpool.login", standard: "ubuntu", help: "login in the command"),
    Switch(
      name: "tensorpool.command", standard: "ssh -p {port} {login}@{host}",
      help: "the command, verbatim but for {port} {login} {host} {user_key}; empty: none"),
    Switch(name: "tensorpool.message", standard: "", help: "`message` beside the command"),
  ]

  private static let endpoints = Realm.allCases.flatMap { realm in
    [
      Switch(
        name: "\(realm.rawValue).endpoint", standard: "open", choices: manners,
        help: "what becomes of connections to its sshd"),
      Switch(
        name: "\(realm.rawValue).endpoint_open_after_ms", standard: 0,
        help: realm == .tensorpool || realm == .plain
          ? "opens so long after this switch was set"
          : "the session's own port opens so long after it was made"),
      Switch(
        name: "\(realm.rawValue).before_open", standard: "refused", choices: manners,
        help: "and what becomes of connections until then"),
    ]
  }
}

/// What holds now: the standard values and what scenarios changed.
struct Scenario: Sendable {
  private var values: [String: JSON] = [:]

  /// Takes `{"prime": {"endpoint": "silent"}}` as well as `{"prime.endpoint": "silent"}`.
  /// - Returns: the names of the switches that were set.
  /// - Throws: `Misuse` for a switch that does not exist or a value of another type; nothing is
  ///   changed then.
  mutating func merge(_ change: [String: JSON]) throws -> [String] {
    var flat: [String: JSON] = [:]
    for (name, value) in change {
      if let members = value.object {
        for (inner, value) in members { flat["\(name).\(inner)"] = value }
      } else {
        flat[name] = value
      }
    }
    for (name, value) in flat {
      guard let known = Switch.all.first(where: { $0.name == name }) else {
        throw Misuse("there is no switch \(name)")
      }
      try known.check(value)
    }
    values.merge(flat) { _, new in new }
    return Array(flat.keys)
  }

  subscript(name: String) -> JSON {
    values[name] ?? Switch.all.first { $0.name == name }?.standard ?? .null
  }

  func integer(_ name: String) -> Int { self[name].integer ?? 0 }
  func string(_ name: String) -> String { self[name].string ?? "" }
  func strings(_ name: String) -> [String] { self[name].strings ?? [] }
  func manner(_ name: String) -> Manner { Manner(rawValue: string(name)) ?? .open }
}

extension Switch {
  fileprivate func check(_ value: JSON) throws {
    let fits =
      switch (standard, value) {
      case (.string, .string), (.integer, .integer), (.array, .array), (.bool, .bool): true
      default: false
      }
    guard fits else { throw Misuse("\(name) is of another type: \(value.text)") }
    if !choices.isEmpty, let text = value.string, !choices.contains(text) {
      throw Misuse("\(name) is one of \(choices.joined(separator: ", "))")
    }
  }
}
