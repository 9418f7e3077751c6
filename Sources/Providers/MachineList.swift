public import Sessions
public import SystemIO

/// Lists the machines that an API key has access to.
public protocol MachineListing {
  /// All machines, of every page, in the provider's order.
  func machines(until deadline: Moment) throws(Failure) -> [Machine]
}

/// A machine as its provider lists it. Every text is safe to be shown.
public struct Machine: Sendable, Equatable {
  public let id: String
  /// The name that its owner gave it.
  public let name: String?
  /// In the provider's own word: `RUNNING`, `sleeping`.
  public let state: String
  /// Unix seconds.
  public let created: Int64?

  /// - Parameter created: RFC 3339; an invalid time is ignored.
  init(id: String, name: String? = nil, state: String, created: String?) {
    self.id = id.shown(limit: 253)
    self.name = name.map { $0.shown(limit: 80) }
    self.state = state.shown(limit: 40)
    self.created = created.flatMap { try? Answer.time($0, field: "created", step: "") }
  }
}

extension ProviderFactory {
  /// - Returns: `nil` for a provider without a machine-readable list.
  /// - Throws: `.denied` when there is no key, `.configuration` when it cannot be used.
  public func machineList(of kind: ProviderKind) throws(Failure) -> (any MachineListing)? {
    switch kind {
    case .prime: PrimeAccount(api: try account(of: kind))
    case .dedalus: DedalusAccount(api: try account(of: kind))
    case .tensorpool, .static, .command: nil
    }
  }
}

/// The limit on the pages of a list, so that a provider cannot make us read for ever.
enum ListPages {
  static let most = 1000

  static func endless(_ step: String) -> Failure {
    Failure(.nonsense, step: step, "the list does not end")
  }
}
