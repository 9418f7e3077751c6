import SessionRecord
internal import SystemIO

/// The checked content of `config.toml`, without what the environment adds.
struct ConfigurationFile: Sendable {
  private(set) var providers: [ProviderKind: ProviderSettings] = [:]
  /// The vendors that have a table.
  private(set) var tables: Set<String> = []
  /// By the alias, in lower case.
  private(set) var hosts: [String: ConfiguredHost] = [:]
  /// Seconds from alias to first byte.
  private(set) var deadline = 120
  /// Seconds.
  private(set) var maxLife = 3600
  private(set) var listsMachines = false
  private(set) var renewAhead = Configuration.RenewAhead.auto
  private(set) var preparesOnPrint = true
  private(set) var block = BlockOptions()
  private(set) var through = Through.Choice.inherited

  /// No file at all: every default.
  init(_ vendors: [VendorFacts]) {
    for vendor in vendors { providers[vendor.kind] = ProviderSettings(vendor) }
  }

  init(_ file: UserFile, _ vendors: [VendorFacts]) throws(Failure) {
    self.init(vendors)
    let top = TOMLSection(top: try TOMLDocument(file.text, path: file.path))
    try top.allowOnly(vendors.map(\.name) + ["hosts", "connection"])
    for vendor in vendors {
      guard let section = try top.section(vendor.name) else { continue }
      tables.insert(vendor.name)
      providers[vendor.kind] = try ProviderSettings(vendor, section, isPrivate: file.isPrivate)
    }
    try refuseSharedSuffixes(top.document, vendors.map(\.kind))
    if let connection = try top.section("connection") {
      try connection.allowOnly(
        [
          "deadline", "max_life", "list_machines", "renew_ahead", "prepare_on_print", "through",
        ] + BlockOptions.keys)
      deadline = try connection.integer("deadline", in: 1...3600) ?? deadline
      maxLife = try connection.integer("max_life", in: 60...86_400) ?? maxLife
      listsMachines = try connection.flag("list_machines") ?? listsMachines
      renewAhead = try Configuration.RenewAhead(connection) ?? renewAhead
      preparesOnPrint = try connection.flag("prepare_on_print") ?? preparesOnPrint
      block = try BlockOptions(connection)
      through = try Through.Choice(connection, isPrivate: file.isPrivate)
    }
    if let section = try top.section("hosts") {
      try readHosts(section, vendors, isPrivate: file.isPrivate)
    }
  }

  private func refuseSharedSuffixes(
    _ document: TOMLDocument, _ kinds: [ProviderKind]
  ) throws(Failure) {
    var owners: [String: ProviderKind] = [:]
    for provider in kinds {
      guard let suffix = providers[provider]?.suffix else { continue }
      guard let owner = owners.updateValue(provider, forKey: suffix) else { continue }
      // Only the one that the file names has a line to show.
      let named = document.line(of: [provider.rawValue, "suffix"]) == nil ? owner : provider
      throw document.failure(
        at: [named.rawValue, "suffix"],
        "\(owner.rawValue) and \(provider.rawValue) share the suffix \"\(suffix)\"")
    }
  }

  private mutating func readHosts(
    _ section: TOMLSection, _ vendors: [VendorFacts], isPrivate: Bool
  ) throws(Failure) {
    for key in section.keys {
      let alias: Alias
      do throws(Failure) {
        alias = try Alias(key)
      } catch {
        throw section.failure(key, error.message, hint: error.hint)
      }
      guard !Alias.commands.contains(alias.name) else {
        throw section.failure(
          key, "\"\(key.sanitized())\" is a command of sshproxy, and cannot be an alias",
          hint: "choose another name, for example \(alias.name)-host")
      }
      guard hosts[alias.name] == nil else {
        throw section.failure(
          key, "\"\(key.sanitized())\" is there twice: case makes no difference")
      }
      guard let host = try section.section(key) else { continue }
      // Without quotes, TOML reads a name with a dot as a table within a table.
      if !host.has("provider"), let below = host.keys.first, (try? host.section(below)) != nil,
        try host.section(below) != nil
      {
        throw section.failure(
          key, "a name with a dot needs quotes",
          hint: "write [hosts.\"\(key.sanitized()).\(below.sanitized())\"]")
      }
      hosts[alias.name] = try ConfiguredHost(alias, host, vendors, isPrivate: isPrivate)
    }
  }
}
