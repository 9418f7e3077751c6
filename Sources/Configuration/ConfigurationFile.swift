internal import SystemIO

/// The checked content of `config.toml`, without what the environment adds.
struct ConfigurationFile: Sendable {
  private(set) var providers: [ProviderKind: VendorTable] = [:]
  /// The vendors that have a table.
  private(set) var tables: Set<String> = []
  /// The clouds that the file describes.
  private(set) var described: [VendorFacts] = []
  /// By the alias, in lower case.
  private(set) var hosts: [String: ConfiguredHost] = [:]
  private(set) var connection = ConnectionSettings()

  /// The tables that are no vendor's.
  private static let tables = ["providers", "hosts", "connection"]

  /// No file at all: every default.
  init(_ vendors: [VendorFacts]) {
    for vendor in vendors { providers[vendor.kind] = VendorTable(vendor) }
  }

  /// - Parameter builtIn: the vendors that the program knows.
  init(_ file: UserFile, _ builtIn: [VendorFacts]) throws(Failure) {
    self.init(builtIn)
    let top = TOMLSection(top: try TOMLDocument(file))
    try top.allowOnly(builtIn.map(\.name) + Self.tables)
    for vendor in builtIn {
      guard let section = try top.section(vendor.name) else { continue }
      tables.insert(vendor.name)
      providers[vendor.kind] = try VendorTable(vendor, section)
    }
    if let section = try top.section("providers") {
      try readProviders(section, builtIn)
    }
    let vendors = builtIn + described
    try refuseSharedSuffixes(top.document, vendors)
    if let section = try top.section("connection") {
      connection = try ConnectionSettings(section)
    }
    if let section = try top.section("hosts") {
      try readHosts(section, vendors)
    }
  }

  private func refuseSharedSuffixes(
    _ document: TOMLDocument, _ vendors: [VendorFacts]
  ) throws(Failure) {
    var owners: [String: VendorFacts] = [:]
    for provider in vendors {
      guard let suffix = providers[provider.kind]?.suffix else { continue }
      guard let owner = owners.updateValue(provider, forKey: suffix) else { continue }
      // Only the one that the file names has a line to show.
      let named = document.line(of: provider.table + ["suffix"]) == nil ? owner : provider
      throw document.failure(
        at: named.table + ["suffix"],
        "\(owner.name) and \(provider.name) share the suffix \"\(suffix)\"")
    }
  }

  private mutating func readProviders(
    _ section: TOMLSection, _ builtIn: [VendorFacts]
  ) throws(Failure) {
    let taken = ProviderKind.all(with: builtIn).map(\.rawValue) + Self.tables
    for name in section.keys {
      if let rule = Alias.broken(by: name) ?? (name.contains(".") ? "it has a dot" : nil) {
        throw section.failure(
          name, "\"\(name.sanitized(limit: 80))\" cannot be a provider's name: \(rule)")
      }
      guard !taken.contains(name), name == name.lowercased() else {
        throw section.failure(
          name,
          "\"\(name)\" cannot be a provider's name: "
            + (taken.contains(name) ? "it has a meaning already" : "write it in small letters"))
      }
      guard let table = try section.section(name) else { continue }
      try table.allowOnly(VendorTable.describedKeys)
      let description = try CloudDescription(table)
      let vendor = VendorFacts(
        name, title: name, exampleID: "m1", keyHeader: try CloudDescription.header(table),
        baseURL: description.baseURL, hasNames: description.list?.name != nil,
        description: description)
      described.append(vendor)
      tables.insert(name)
      providers[vendor.kind] = try VendorTable(vendor, table)
    }
  }

  private mutating func readHosts(
    _ section: TOMLSection, _ vendors: [VendorFacts]
  ) throws(Failure) {
    for key in section.keys {
      let alias = try section.parsed(key) { () throws(Failure) in try Alias(key) }
      guard !CommandName.all.contains(alias.name) else {
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
      if !host.has("provider"), let below = host.keys.first,
        ((try? host.section(below)) ?? nil) != nil
      {
        throw section.failure(
          key, "a name with a dot needs quotes",
          hint: "write [hosts.\"\(key.sanitized()).\(below.sanitized())\"]")
      }
      hosts[alias.name] = try ConfiguredHost(alias, host, vendors)
    }
  }
}
