/// An sshd's world: its host keys, its login names and the keys that open them.
enum Realm: String, CaseIterable, Sendable {
  case prime, dedalus, tensorpool, plain
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
