/// An sshd's world: its host keys, its login names and the keys that open them. A vendor's row has those of the
/// machines that its answers name.
struct Realm: Hashable, Sendable {
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

  /// What its folder is called, and what its switches begin with.
  let name: String
  var opening = Opening.userKey
  /// Whether a session may get a port of its own; else all of the realm share one.
  var hasSessionPorts = false
  /// Whether its API says no port, so that its sshd is expected on ssh's own.
  var isOnStandardPort = false

  /// No vendor's.
  static let plain = Realm(name: "plain")

  static let all = SimulatedVendor.all.flatMap(\.realms) + [plain]
  static let openedByUserKey = all.filter { $0.opening == .userKey }
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
