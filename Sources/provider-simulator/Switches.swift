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
    SimulatedVendor.all.flatMap(\.switches) + endpoints + [
      Switch(
        name: "logins", standard: [],
        help: "more login names that the sshd's know which the user's own key opens"),
      Switch(name: "faults", standard: [], help: "see FAULTS"),
    ]

  private static let endpoints = Realm.all.flatMap { realm in
    [
      Switch(
        name: "\(realm.name).endpoint", standard: "open", choices: manners,
        help: "what becomes of connections to its sshd"),
      Switch(
        name: "\(realm.name).endpoint_open_after_ms", standard: 0,
        help: realm.hasSessionPorts
          ? "the session's own port opens so long after it was made"
          : "opens so long after this switch was set"),
      Switch(
        name: "\(realm.name).before_open", standard: "refused", choices: manners,
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
