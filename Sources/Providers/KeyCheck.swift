public import Sessions
public import SystemIO

/// Asks a provider whether an API key is good.
public protocol KeyChecking {
  /// - Throws: `.denied` when the key is refused, and what every call to the provider throws.
  func check(until deadline: Moment) throws(Failure) -> KeyVerdict
}

/// A provider's answer about a key that it accepts.
public struct KeyVerdict: Sendable, Equatable {
  /// Whose key it is, if the provider tells; safe to be shown.
  public let owner: String?
  /// The provider's clock in Unix seconds, if the answer has a `Date`.
  public let time: Int64?

  public init(owner: String?, time: Int64?) {
    self.owner = owner
    self.time = time
  }
}

extension ProviderFactory {
  /// Calls `watcher` at the end of each call to a provider, with its step and how long it took, all
  /// tries included, in milliseconds.
  public func watchCalls(_ watcher: @escaping (_ step: String, _ milliseconds: Int) -> Void) {
    client.onCall = watcher
  }

  /// - Parameter key: the key to check; `nil` for the configured one.
  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used, `.usage` for a
  ///   provider without an API.
  public func keyCheck(
    of kind: ProviderKind, with key: APIKey? = nil
  ) throws(Failure) -> any KeyChecking {
    let api = try account(of: kind, key)
    switch kind {
    case .prime: return PrimeAccount(api: api)
    case .dedalus: return DedalusAccount(api: api)
    case .tensorpool: return TensorPoolAccount(api: api)
    case .static, .command: throw Self.withoutAPI(kind)
    }
  }

  /// The API for calls about the user's account rather than about one machine.
  func account(of kind: ProviderKind, _ key: APIKey? = nil) throws(Failure) -> ProviderAPI {
    let base: String
    var organization: String?
    switch try configuration.settings(of: kind) {
    case .prime(let url, _), .tensorpool(let url): base = url
    case .dedalus(let url, let name): (base, organization) = (url, name)
    case .static, .command: throw Self.withoutAPI(kind)
    }
    let usedKey = if let key { key } else { try self.key(of: kind) }
    return ProviderAPI(
      client: client, base: base, key: usedKey,
      headers: organization.map { [("X-Dedalus-Org-Id", $0)] } ?? [])
  }

  private static func withoutAPI(_ kind: ProviderKind) -> Failure {
    Failure(.usage, "\(kind.title) has no API")
  }
}

extension ProviderAPI {
  /// A GET about the account. If the provider does not know the call, the base URL is wrong; no machine
  /// is missing.
  func ask(
    _ path: [String], query: String = "", step: String, hints: ProviderHints, until deadline: Moment
  ) throws(Failure) -> HTTPResponse {
    try call(request(.get, path, query: query), .always, step: step, until: deadline) { response in
      var refusal = ErrorResponse(response).refusal(hints: hints)
      if refusal.failure.kind == .notFound {
        refusal.failure = Failure(
          .invalidResponse, "\(hints.provider) does not know this call (HTTP \(response.status))",
          hint: "check base_url")
      }
      return refusal
    }
  }
}
