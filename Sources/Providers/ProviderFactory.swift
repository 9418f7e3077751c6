public import Configuration
public import Sessions
public import SystemIO

/// Makes the provider of a target, with the user's key for it.
public struct ProviderFactory {
  private let vendors: [Vendor]
  let configuration: Configuration
  let client: HTTPClient
  private let caller: HangUpMonitor
  let environment: [String: String]
  private let keys: KeyRing
  let gateways: Gateways
  private let announce: (String) -> Void

  /// - Parameters:
  ///   - keys: those that another factory has got for the same configuration.
  ///   - announce: is told what a wait is for (`waking a machine`).
  public init(
    vendors: [Vendor], configuration: Configuration, environment: [String: String],
    caller: HangUpMonitor, keys: KeyRing = KeyRing(), announce: @escaping (String) -> Void
  ) {
    self.vendors = configuration.vendors(besides: vendors)
    self.configuration = configuration
    self.environment = environment
    self.caller = caller
    self.announce = announce
    self.keys = keys
    gateways = Gateways()
    let secrets = Secrets { configuration.allKeys }
    client = HTTPClient(caller: caller, environment: environment, secrets: secrets)
  }

  private init(beside other: ProviderFactory) {
    (vendors, configuration, environment) = (other.vendors, other.configuration, other.environment)
    (keys, gateways) = (other.keys, other.gateways)
    announce = { _ in }
    caller = other.caller.silent
    let secrets = Secrets { [configuration] in configuration.allKeys }
    secrets.gather()
    client = HTTPClient(caller: caller, environment: environment, secrets: secrets)
    client.reach = other.client.reach
    client.lookupDeadline = other.client.lookupDeadline
    client.lookupsEnd = other.client.lookupsEnd
  }

  /// One whose calls go on beside this one's, on a thread of their own. What it makes has its key
  /// already; it is to be made before that thread is started, and before this process is confined.
  public func beside() -> ProviderFactory { ProviderFactory(beside: self) }

  /// Does at once what the first request would: libcurl is loaded and, if that is wanted, the process
  /// confined. So are the threads that it starts from then on. What fails here fails there, too.
  public func begin() { _ = try? client.loadedMulti() }

  /// Calls `watcher` at the end of each call to a provider, with its step and how long it took, all
  /// tries included, in milliseconds.
  public func watchCalls(_ watcher: @escaping (FinishedCall) -> Void) {
    client.onCall = watcher
  }

  /// Calls `watcher` when the name of an API has been looked up, with its base URL and how long it took,
  /// in milliseconds.
  public func watchLookups(_ watcher: @escaping (_ base: String, _ milliseconds: Int) -> Void) {
    client.onLookup = watcher
  }

  /// For commands that are to tell soon that a provider cannot be reached.
  /// - Parameters:
  ///   - reach: from when on it is not tried again; the time that lookups take is added.
  ///   - lookups: until when a lookup may take.
  ///   - lookupsEnd: when the first is given up as one that nobody answers; `nil` for no such end.
  public func tellSoon(reach: Moment, lookups: Moment, lookupsEnd: Moment?) {
    client.reach = reach
    client.lookupDeadline = lookups
    client.lookupsEnd = lookupsEnd
  }

  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used.
  public func provider(for target: Target) throws(Failure) -> any SessionProvider {
    switch target.settings {
    case .vendor(let settings):
      let vendor = try vendor(settings.kind)
      if vendor.facts.namesServers { gateways.areReached = true }
      guard vendor.list != nil, vendor.facts.hasNames else {
        if let problem = vendor.facts.problem(with: target.id, in: target.alias) { throw problem }
        return try vendor.provider(try makeAccess(settings), target.id)
      }
      // Without a key, nothing of it is of use.
      _ = try key(of: settings.kind)
      return MachineByName(vendor: vendor, target: target, configuration: configuration) {
        () throws(Failure) in try makeAccess(settings)
      }
    case .static(let host, let port):
      return StaticHost(endpoint: HostAndPort(host: host, port: port))
    case .command(let words):
      return CommandProvider(
        words: words, id: target.id, environment: environmentWithoutKeys, caller: caller,
        secrets: client.secrets)
    }
  }

  /// - Parameter key: the key to check; `nil` for the configured one.
  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used, `.usage` for a
  ///   provider without an API.
  public func keyCheck(
    of kind: ProviderKind, with key: APIKey? = nil
  ) throws(Failure) -> any KeyChecking {
    let vendor = try vendor(kind)
    return vendor.keyCheck(try makeAccess(try configuration.settings(of: kind), key))
  }

  /// - Returns: `nil` for a provider without a machine-readable list.
  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used.
  public func machineList(of kind: ProviderKind) throws(Failure) -> (any MachineListing)? {
    try vendor(kind).list?(try makeAccess(try configuration.settings(of: kind)))
  }

  /// - Throws: `.usage` for what has no API.
  func vendor(_ kind: ProviderKind) throws(Failure) -> Vendor {
    guard let found = vendors.first(where: { $0.facts.kind == kind }) else {
      throw Failure(.usage, "\(kind.title) has no API")
    }
    return found
  }

  /// - Parameter key: `nil` for the configured one.
  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used.
  func makeAccess(_ settings: VendorSettings, _ key: APIKey? = nil) throws(Failure) -> VendorAccess
  {
    let usedKey = if let key { key } else { try self.key(of: settings.kind) }
    return VendorAccess(
      settings: settings, sources: configuration.sources(of: settings.kind), announce: announce,
      loginName: configuration.account(of: settings.kind)?.name ?? settings.kind.rawValue,
      client: client, key: usedKey, keyVariables: configuration.keyVariables)
  }

  /// Gets the keys that will be needed, while a program may still be run for them. What cannot be got
  /// is told when it is used.
  public func getKeys(of kinds: some Sequence<ProviderKind>) {
    for kind in kinds where kind.isVendor { _ = try? key(of: kind) }
  }

  func key(of kind: ProviderKind) throws(Failure) -> APIKey {
    let kind = configuration.account(of: kind)?.kind ?? kind
    let found =
      keys.known[kind] ?? Result { () throws(Failure) in try readKey(of: kind) }
    keys.known[kind] = found
    let key = try found.get()
    client.secrets.add(key.reveal())
    return key
  }

  private func readKey(of kind: ProviderKind) throws(Failure) -> APIKey {
    switch try configuration.keySource(of: kind) {
    case .value(let key): return key
    case .command(let command, let origin):
      let header = configuration.facts(of: kind)?.keyHeader ?? .bearer
      return try key(from: command, origin: origin, header)
    case .missing(let hint):
      throw Failure(.denied, "there is no API key for \(kind.title)", hint: hint)
    }
  }

  /// Runs `api_key_command`, which may ask a password manager.
  private func key(
    from command: String, origin: String, _ header: APIKey.Header
  ) throws(Failure) -> APIKey {
    let conversation = Conversation(
      path: "/bin/sh", arguments: ["sh", "-c", command], environment: environmentWithoutKeys,
      limit: APIKey.longest + 2, name: "api_key_command")
    let deadline = Moment.now + Int.milliseconds(seconds: configuration.connection.deadline)
    var (status, output) = try conversation.run(input: .nothing, until: deadline, caller: caller)
    defer { output.wipe() }
    guard status == 0, !output.isEmpty else {
      throw Failure(
        .denied, step: "run \(conversation.name)",
        "it ended with status \(status) and printed \(output.count) bytes",
        hint: "run the command by hand; it stands in \(origin)")
    }
    return try APIKey(
      String(decoding: output, as: UTF8.self), origin: "api_key_command", header: header)
  }

  /// Whether a provider may name a second server, whose port only it knows.
  final class Gateways {
    fileprivate(set) var areReached = false
  }

  /// The keys that have been got, so that no command for one is run twice.
  public final class KeyRing {
    /// Without keys.
    public init() {}

    fileprivate var known: [ProviderKind: Result<APIKey, Failure>] = [:]
  }

  private var environmentWithoutKeys: [String] {
    let secret = configuration.keyVariables
    return environment.filter { !secret.contains($0.key) }.map { "\($0.key)=\($0.value)" }
  }
}
