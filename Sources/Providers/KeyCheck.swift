public import Configuration
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

  /// - Parameter key: the key to check; `nil` for the configured one.
  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used, `.usage` for a
  ///   provider without an API.
  public func keyCheck(
    of kind: ProviderKind, with key: APIKey? = nil
  ) throws(Failure) -> any KeyChecking {
    let vendor = try vendor(kind)
    return vendor.keyCheck(try call(try configuration.settings(of: kind), key))
  }
}

extension ProviderAPI {
  /// A GET about the account. If the provider does not know the call, the base URL is wrong; no machine
  /// is missing.
  package func ask(
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
