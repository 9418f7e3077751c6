internal import SystemIO

/// One table `[hosts.NAME]`: a machine under a name that the user has chosen.
struct ConfiguredHost: Sendable {
  let provider: ProviderKind
  let id: String
  /// The endpoint of a static host.
  var endpoint: HostAndPort?
  /// The words of a command provider.
  var command: [String] = []
  /// `nil` for the route of the provider.
  var route: Target.Route?
  var through: ThroughSetting.Choice

  /// - Throws: `.configuration` for an unknown provider, a key that is missing or belongs to another
  ///   provider, or an invalid id.
  init(
    _ name: Alias, _ section: TOMLSection, _ vendors: [VendorFacts]
  ) throws(Failure) {
    let word = try section.required("provider")
    let kinds = ProviderKind.all(with: vendors)
    guard let provider = kinds.first(where: { $0.rawValue == word }) else {
      throw section.failure(
        "provider",
        "unknown provider \"\(word.sanitized(limit: 40))\"\(section.place)"
          + Suggestion.clause(for: word, among: kinds.map(\.rawValue)))
    }
    self.provider = provider
    try section.allowOnly(
      ["provider"] + Self.keys(of: provider) + ["route", "jump_target", "through"])
    route = try Target.Route(section)
    through = try ThroughSetting.Choice(section)
    switch provider {
    case .static:
      id = name.name
      endpoint = try Self.endpoint(section)
    case .command:
      id = try Self.id(section, nil) ?? name.name
      guard let words = try section.words("command") else {
        throw section.missing("command")
      }
      command = words
    default:
      let vendor = vendors.first { $0.kind == provider }
      // Where machines have names, the vendor alone knows whether it is one.
      let form = vendor?.hasNames == true ? nil : vendor?.machineID
      guard let id = try Self.id(section, form) else {
        throw section.missing("id")
      }
      self.id = id
    }
  }

  private static func keys(of provider: ProviderKind) -> [String] {
    switch provider {
    case .static: ["host", "port"]
    case .command: ["id", "command"]
    default: ["id"]
    }
  }

  private static func id(
    _ section: TOMLSection, _ form: VendorFacts.MachineID?
  ) throws(Failure) -> String? {
    guard let id = try section.string("id") else { return nil }
    if let rule = Alias.broken(by: id) {
      throw section.failure("id", "\"\(id.sanitized(limit: 80))\" cannot be an id: \(rule)")
    }
    if let form, !form.allows(id) {
      throw section.failure(
        "id", "\"\(id.sanitized(limit: 80))\" is not the id of \(form.noun)", hint: form.hint)
    }
    return id
  }

  private static func endpoint(_ section: TOMLSection) throws(Failure) -> HostAndPort {
    let host = try section.required("host")
    guard Grammar.isHost(host) else {
      throw section.failure(
        "host", "\"\(host.sanitized(limit: 80))\" is not a host name or address",
        hint: "the port goes into \"port\", the login into ssh's own configuration")
    }
    let port = try section.integer("port", in: Grammar.ports) ?? 22
    return HostAndPort(host: host, port: UInt16(port))
  }
}
