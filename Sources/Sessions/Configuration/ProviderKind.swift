/// The kinds of provider that turn a target into a session.
public enum ProviderKind: String, Sendable, CaseIterable {
  case prime, dedalus, tensorpool
  /// A fixed host and port.
  case `static`
  /// A program of the user's own.
  case command

  /// The providers with an API of their own: those that have a suffix, a key and a base URL.
  public static let vendors: [ProviderKind] = [.prime, .dedalus, .tensorpool]

  /// The provider's name as its owners write it.
  public var title: String {
    switch self {
    case .prime: "Prime Intellect"
    case .dedalus: "Dedalus"
    case .tensorpool: "TensorPool"
    case .static: "a fixed host"
    case .command: "a command"
    }
  }
}
