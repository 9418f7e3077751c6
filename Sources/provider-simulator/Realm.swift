/// An sshd's world: its host keys, its login names and the keys that open them.
enum Realm: String, CaseIterable, Sendable {
  case prime, dedalus, tensorpool, plain
  case primePod = "prime_pod"
  case runpod, vast, lambda, shadeform, daytona

  /// How a login name is opened here.
  enum Opening: Hashable, Sendable {
    /// By a public key that the API was told.
    case sessionKey
    /// By a certificate of the user authority.
    case certificate
    /// By the user's own key, all names alike.
    case userKey
    /// By nothing: whoever knows the name is let in.
    case name
  }

  var opening: Opening {
    switch self {
    case .prime: .sessionKey
    case .dedalus: .certificate
    case .tensorpool, .plain, .primePod, .runpod, .vast, .lambda, .shadeform: .userKey
    case .daytona: .name
    }
  }

  /// Whether a session may get a port of its own; else all of the realm share one.
  var hasSessionPorts: Bool { self == .prime || self == .dedalus }

  /// Whether its API says no port, so that its sshd is expected on ssh's own.
  var isOnStandardPort: Bool { self == .lambda }

  static let openedByUserKey = allCases.filter { $0.opening == .userKey }
}

/// What becomes of a connection to an endpoint.
enum Manner: String, CaseIterable, Sendable {
  /// It reaches sshd.
  case open
  /// The port is closed.
  case refused
  /// It is accepted and closed at once.
  case dropped
  /// It is accepted and never answered.
  case silent
}
