public import Sessions
public import SystemIO

/// Makes the provider of a target, with the user's key for it.
public struct ProviderFactory {
  let configuration: Configuration
  let client: HTTPClient
  private let caller: Caller
  private let environment: [String: String]
  private let announce: (String) -> Void

  /// - Parameter announce: is told what a wait is for (`waking dm-abc`).
  public init(
    configuration: Configuration, environment: [String: String], caller: Caller,
    announce: @escaping (String) -> Void
  ) {
    self.configuration = configuration
    self.environment = environment
    self.caller = caller
    self.announce = announce
    client = HTTPClient(caller: caller, environment: environment)
  }

  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used.
  public func provider(for target: Target) throws(Failure) -> any SessionProvider {
    switch target.settings {
    case .prime(let base, let ttl):
      return Prime(api: try api(.prime, base), sandbox: target.id, ttl: ttl)
    case .dedalus(let base, let organization):
      return Dedalus(
        api: try api(.dedalus, base, organization), machine: target.id, announce: announce)
    case .tensorpool(let base):
      return TensorPool(
        api: try api(.tensorpool, base), instance: target.id, home: configuration.files.home)
    case .static(let host, let port):
      return StaticHost(endpoint: HostAndPort(host: host, port: port))
    case .command(let words):
      return CommandProvider(
        words: words, id: target.id, environment: environmentWithoutKeys, caller: caller)
    }
  }

  private func api(
    _ kind: ProviderKind, _ base: String, _ organization: String? = nil
  ) throws(Failure) -> ProviderAPI {
    ProviderAPI(
      client: client, base: base, key: try key(of: kind),
      headers: organization.map { [("X-Dedalus-Org-Id", $0)] } ?? [])
  }

  func key(of kind: ProviderKind) throws(Failure) -> APIKey {
    switch try configuration.keySource(of: kind) {
    case .value(let key): return key
    case .command(let command, let origin): return try key(from: command, origin: origin)
    case .missing(let hint):
      throw Failure(.denied, "there is no API key for \(kind.title)", hint: hint)
    }
  }

  /// Runs `api_key_command`, which may ask a password manager.
  private func key(from command: String, origin: String) throws(Failure) -> APIKey {
    let conversation = Conversation(
      path: "/bin/sh", arguments: ["sh", "-c", command], environment: environmentWithoutKeys,
      limit: APIKey.longest + 2, name: "api_key_command")
    let deadline = Moment.now + Int.milliseconds(seconds: configuration.connection.deadline)
    var (status, output) = try conversation.run(input: [], until: deadline, caller: caller)
    defer { output.wipe() }
    guard status == 0, !output.isEmpty else {
      throw Failure(
        .denied, step: "run \(conversation.name)",
        "it ended with status \(status) and printed \(output.count) bytes",
        hint: "run the command by hand; it stands in \(origin)")
    }
    return try APIKey(String(decoding: output, as: UTF8.self), origin: "api_key_command")
  }

  private var environmentWithoutKeys: [String] {
    environment.filter { !VendorVariables.secrets.contains($0.key) }.map { "\($0.key)=\($0.value)" }
  }
}
