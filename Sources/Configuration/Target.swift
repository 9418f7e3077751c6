public import Grammar
internal import SystemIO

/// What an alias means: the machine, and all that its provider needs to open a session to it.
public struct Target: Sendable, Equatable {
  /// What leads to it.
  public let alias: Alias
  /// The machine's id at its provider; for a static host the alias itself.
  public let id: String
  /// What its provider needs to know besides the id.
  public let settings: Settings
  /// How ssh's stream reaches it.
  public let route: Route
  /// What connections to the endpoint go through; `nil` for nothing.
  public let through: ThroughSetting?

  /// With nothing checked: `Configuration.target` makes those of aliases.
  public init(
    alias: Alias, id: String, settings: Settings, route: Route = .direct,
    through: ThroughSetting? = nil
  ) {
    self.alias = alias
    self.id = id
    self.settings = settings
    self.route = route
    self.through = through
  }

  /// What one provider needs, and no other.
  public enum Settings: Sendable, Equatable {
    case vendor(VendorSettings)
    case `static`(host: String, port: UInt16)
    /// The program and its arguments, at least one word.
    case command([String])
  }

  /// Where the route `jump` leads to, as the endpoint names it; `nil` for the route `direct`.
  public var jumpDestination: HostAndPort? {
    if case .jump(let destination) = route { destination } else { nil }
  }

  /// Who opens sessions to it.
  public var provider: ProviderKind {
    switch settings {
    case .vendor(let vendor): vendor.kind
    case .static: .static
    case .command: .command
    }
  }

  /// Everything that decides where the alias leads, as one text. A stored session whose text differs
  /// was made for another target.
  public var meaning: String {
    let place: [String]
    switch settings {
    case .vendor(let vendor): place = [vendor.baseURL] + vendor.decisive
    case .static(let host, let port): place = [host, String(port)]
    case .command(let words): place = words
    }
    var words = [provider.rawValue, id] + place
    if let jumpDestination {
      words += ["jump", jumpDestination.host, String(jumpDestination.port)]
    }
    if let through { words += ["through", through.text] }
    return words.joined(separator: "\n")
  }

  /// How ssh's stream reaches the machine.
  public enum Route: Sendable, Equatable {
    /// To the endpoint of the session.
    case direct
    /// Through the endpoint, from there to another SSH server.
    case jump(to: HostAndPort)
  }
}

extension Target.Route {
  /// Reads `route` and `jump_target`; `nil` when the table has neither.
  init?(_ section: TOMLSection) throws(Failure) {
    let text = try section.string("jump_target")
    let jump = try section.parsed("jump_target") { () throws(Failure) in
      try HostAndPort(text ?? "localhost:22")
    }
    switch try section.string("route") {
    case "jump": self = .jump(to: jump)
    case "direct" where text == nil: self = .direct
    case nil where text == nil: return nil
    case nil, "direct":
      throw section.failure(
        "jump_target", "\"jump_target\"\(section.place) has no effect without route = \"jump\"")
    case .some(let other):
      throw section.failure(
        "route",
        "\"route\"\(section.place) is \"\(other.sanitized(limit: 40))\", not \"direct\" or \"jump\""
      )
    }
  }
}
