public import Sessions
public import SystemIO

/// Lists the machines that a key can reach.
public protocol MachineListing {
  /// All of them, every page, in the provider's order.
  func machines(until deadline: Moment) throws(Failure) -> [Machine]
}

/// A machine as its provider lists it; every text is fit to be shown.
public struct Machine: Sendable, Equatable {
  public let id: String
  /// The name that its owner gave it.
  public let name: String?
  /// The provider's own word: `RUNNING`, `sleeping`.
  public let state: String
  /// Unix seconds.
  public let created: Int64?

  /// Takes what a provider said. A time that makes no sense is none.
  init(id: String, name: String? = nil, state: String, created: String?) {
    self.id = id.shown(limit: 253)
    self.name = name.map { $0.shown(limit: 80) }
    self.state = state.shown(limit: 40)
    self.created = created.flatMap { try? Answer.time($0, field: "created", step: "") }
  }
}

extension ProviderFactory {
  /// - Returns: `nil` for a provider that has no list a program could read.
  /// - Throws: `.denied` where there is no key, `.configuration` where it cannot be used.
  public func machineList(of kind: ProviderKind) throws(Failure) -> (any MachineListing)? {
    switch kind {
    case .prime: PrimeAccount(api: try account(of: kind))
    case .dedalus: DedalusAccount(api: try account(of: kind))
    case .tensorpool, .static, .command: nil
    }
  }
}

/// The pages of a list: at most so many, so that an answer cannot keep us for ever.
enum ListPages {
  static let most = 1000

  static func endless(_ step: String) -> Failure {
    Failure(.nonsense, step: step, "the list does not end")
  }
}
