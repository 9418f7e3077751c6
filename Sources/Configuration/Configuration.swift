public import SystemIO

/// The user's configuration, from files and the environment.
///
/// Only `config.toml` is read at once; keys and the vendors' own files are read when they are needed, once.
public struct Configuration: Sendable {
  /// Where it was read from.
  public let files: FileLocations
  /// When `config.toml` was last written, as it was read; Unix nanoseconds, `nil` where there is none.
  public let lastWrite: Int64?
  /// What `[connection]` says.
  public var connection: ConnectionSettings { file.connection }
  /// What there is to know of each vendor, in the order of the lists.
  public let vendors: [VendorFacts]
  let file: ConfigurationFile
  private let environment: [String: String]
  /// Those that are read when they are needed.
  let userFiles = UserFiles()

  /// Reads `config.toml`. If it is missing, all defaults apply.
  /// - Throws: `.configuration`, naming the file and the line, and for an unknown key the nearest known
  ///   one.
  public static func load(
    _ files: FileLocations, environment: [String: String], vendors: [VendorFacts]
  ) throws(Failure) -> Configuration {
    // Before it is read: what is written in between is an edit that was not seen.
    let lastWrite = FileStatus(of: files.configurationFile)?.lastWrite
    let text = try UserFile.read(files.configurationFile, .configuration)
    let file = try text.map { (text) throws(Failure) in try ConfigurationFile(text, vendors) }
    return Configuration(
      files, file ?? ConfigurationFile(vendors), lastWrite, environment, vendors)
  }

  /// As if there were no `config.toml`.
  public static func standard(
    _ files: FileLocations, environment: [String: String], vendors: [VendorFacts]
  ) -> Configuration {
    Configuration(files, ConfigurationFile(vendors), nil, environment, vendors)
  }

  private init(
    _ files: FileLocations, _ file: ConfigurationFile, _ lastWrite: Int64?,
    _ environment: [String: String], _ vendors: [VendorFacts]
  ) {
    self.files = files
    self.lastWrite = lastWrite
    self.file = file
    self.vendors = vendors + file.described
    self.environment = environment
  }

  /// The names under `[hosts]`, lower case, sorted.
  public var hostNames: [String] { file.hosts.keys.sorted() }

  /// The hosts for which ssh calls us: the aliases of the vendors that the user has, and nothing else.
  public var aliasPatterns: AliasPatterns { aliasPatterns() }

  /// - Parameter kind: a vendor whose account is taken to have a key.
  public func aliasPatterns(withKeyFor kind: ProviderKind? = nil) -> AliasPatterns {
    let claimed = vendors.filter { vendor in
      (kind != nil && account(of: vendor.kind)?.kind == kind) || isClaimed(vendor)
    }
    return AliasPatterns(
      suffixes: claimed.map { suffix(of: $0.kind) }, names: hostNames,
      known: vendors.map { suffix(of: $0.kind) })
  }

  private func isClaimed(_ vendor: VendorFacts) -> Bool {
    vendor.isAlwaysClaimed || file.tables.contains(vendor.name) || hasKey(for: vendor.kind)
  }

  /// The suffix of a provider's aliases, without its dot; empty for a provider that has none.
  public func suffix(of provider: ProviderKind) -> String {
    file.providers[provider]?.suffix ?? ""
  }

  /// What an alias means.
  /// - Throws: `.notFound` when no suffix matches and `[hosts]` does not name it, `.usage` when it is not
  ///   an id of the provider's form, `.configuration` when the base URL cannot be used.
  public func target(for alias: Alias) throws(Failure) -> Target {
    let (provider, id) = try machine(for: alias)
    let (host, table) = (file.hosts[alias.name], file.providers[provider])
    let settings: Target.Settings
    switch (provider, host?.endpoint) {
    case (.static, let endpoint?):
      settings = .static(host: endpoint.host, port: endpoint.port)
    case (.command, _): settings = .command(host?.command ?? [])
    default: settings = .vendor(try self.settings(of: provider))
    }
    return Target(
      alias: alias, id: id, settings: settings, route: host?.route ?? table?.route ?? .direct,
      through: .Choice.nearest([host?.through, table?.through, file.connection.through]))
  }

  /// The machine that an alias names. Nothing is read for it: a process that is confined can ask, too.
  /// - Throws: as `target`, but for the base URL.
  public func machine(for alias: Alias) throws(Failure) -> (provider: ProviderKind, id: String) {
    if let host = file.hosts[alias.name] { return (host.provider, host.id) }
    guard let (provider, id) = provider(of: alias) else { throw unknown(alias) }
    if let vendor = facts(of: provider), !vendor.hasNames,
      let problem = vendor.problem(with: id, in: alias)
    {
      throw problem
    }
    if let rule = Alias.broken(by: id) {
      throw Failure(.usage, "\"\(id)\" in \"\(alias.spelling)\" cannot be an id: \(rule)")
    }
    return (provider, id)
  }

  /// What a vendor's provider needs to know besides the id.
  /// - Throws: `.configuration` when the base URL or one of its own keys cannot be used.
  public func settings(of provider: ProviderKind) throws(Failure) -> VendorSettings {
    guard let vendor = facts(of: provider) else {
      throw noAPI(provider)
    }
    let baseURL = try baseURL(of: provider)
    let sources = sources(of: provider)
    var options: [String: VendorOption.Value] = [:]
    var decisive: [String] = []
    for option in vendor.options {
      let value = try option.value(sources)
      options[option.name] = value
      guard option.isPartOfTarget else { continue }
      switch value {
      case .text(let text)?: decisive.append(text)
      case .number(let number)?: decisive.append(String(number))
      case nil: decisive.append("")
      }
    }
    if let description = vendor.description { decisive.append(description.meaning) }
    return VendorSettings(provider, baseURL: baseURL, options: options, decisive: decisive)
  }

  /// Whether a vendor's answers may lead to this computer and its own link.
  /// - Throws: `.configuration` when the base URL cannot be used.
  public func allowsLocal(of vendor: ProviderKind) throws(Failure) -> Bool {
    let isOnLoopback = BaseURL.isOnLoopback(try baseURL(of: vendor))
    return isOnLoopback || file.providers[vendor]?.allowsLocal == true
  }

  /// Whether the target's provider may be talked to when nobody is there to answer a question.
  public func worksUnattended(for target: Target) -> Bool {
    // A fixed endpoint has nothing to renew.
    guard target.provider != .static else { return false }
    switch connection.renewAhead {
    case .always: return true
    case .never: return false
    case .auto:
      guard target.provider.isVendor else { return false }
      if case .value? = try? keySource(of: target.provider) { return true } else { return false }
    }
  }

  /// The row of a vendor; `nil` for what is none.
  public func facts(of provider: ProviderKind) -> VendorFacts? {
    vendors.first { $0.kind == provider }
  }

  /// The row whose key, base URL and client count for a vendor: its own, but for a vendor that is another
  /// kind of machine of the same account. `nil` for what is no vendor.
  public func account(of provider: ProviderKind) -> VendorFacts? {
    let own = facts(of: provider)
    guard let name = own?.account else { return own }
    return vendors.first { $0.name == name }
  }

  /// The kind of provider that a session or a word of the command line names; `nil` for an unknown one.
  public func provider(named name: String) -> ProviderKind? {
    ProviderKind.all(with: vendors).first { $0.rawValue == name }
  }

  /// What the user has said about a vendor.
  public func sources(of provider: ProviderKind) -> VendorSources {
    let shared = account(of: provider).flatMap { file.providers[$0.kind]?.options } ?? [:]
    let own = file.providers[provider]?.options ?? [:]
    return VendorSources(
      files, options: shared.merging(own) { $1 }, environment: environment, userFiles)
  }

  /// The provider whose suffix the alias ends in, and the part before the suffix. If two suffixes match,
  /// the longer one counts.
  private func provider(of alias: Alias) -> (ProviderKind, String)? {
    vendors.map(\.kind)
      .filter { alias.name.hasSuffix("." + suffix(of: $0)) }
      .max { suffix(of: $0).count < suffix(of: $1).count }
      .map { ($0, String(alias.name.dropLast(suffix(of: $0).count + 1))) }
  }

  private func unknown(_ alias: Alias) -> Failure {
    let names = vendors.map { "NAME." + suffix(of: $0.kind) }
    let label = alias.name.split(separator: ".").last.map(String.init) ?? alias.name
    let suffixes = vendors.map { suffix(of: $0.kind) }
    var nearest = Suggestion.nearest(to: alias.name, among: hostNames)
    if nearest == nil, let meant = Suggestion.nearest(to: label, among: suffixes) {
      nearest = alias.name.dropLast(label.count) + meant
    }
    let question: String
    if let nearest {
      question = "did you mean \(nearest)? "
    } else if let command = Suggestion.nearest(to: alias.name, among: CommandName.all.sorted()) {
      question = "did you mean `sshproxy \(command)`? "
    } else if label == alias.name {
      let full = suffixes.map { "\(alias.name).\($0)" }
      question = "did you mean \(full.joined(last: "or"))? "
    } else {
      question = ""
    }
    return Failure(
      .notFound, "no machine is known as \"\(alias.spelling)\"",
      hint: "\(question)an alias is \(names.joined(separator: ", ")) or a name from [hosts] in "
        + files.configurationFile.sanitized())
  }
}
