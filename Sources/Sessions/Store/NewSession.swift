public import OpenSSH
import SessionRecord
public import SystemIO

/// A session that has been opened and is to be stored.
public struct NewSession: ~Copyable {
  public let session: Session
  public let target: Target
  public let key: KeyPair
  /// The numeric addresses of the endpoint; none where somebody else connects to it.
  public let addresses: [SocketAddress]
  /// How much of the deadline opening it took, in milliseconds.
  public let opening: Int
  /// The deadline by configuration, in seconds.
  public let deadline: Int

  public init(
    session: Session, target: Target, key: consuming KeyPair, addresses: [SocketAddress],
    opening: Int, deadline: Int
  ) {
    self.session = session
    self.target = target
    self.key = key
    self.addresses = addresses
    self.opening = opening
    self.deadline = deadline
  }

  var alias: String { target.alias.name }

  /// The alias's pointers that are to lead to it: with the route `jump` ssh's too, for `prepare`.
  var pointers: [String] {
    let own = SessionStore.pointer(for: key.type)
    return target.route == .direct || own == StateDirectory.currentName
      ? [own] : [own, StateDirectory.currentName]
  }

  var storedTarget: StoredTarget { StoredTarget(target) }

  func makeRecord() -> SessionRecord {
    let now = WallClock.seconds
    let margin = min(30, max(1, (session.expires - now) / 4))
    return SessionRecord(
      name: Self.uniqueName(now), alias: alias, created: now - Int64(opening / 1000),
      renewAfter: session.expires - margin, expires: session.expires,
      deadline: deadline * 1000, opening: opening,
      route: isDirect ? .direct : .indirect, bringsCredentials: session.usesSessionKey,
      endpoint: "\(session.endpoint.host) port \(session.endpoint.port)",
      preamble: session.preamble, addresses: isDirect ? addresses : [])
  }

  /// What ssh is told of it. With the route `jump` ssh talks to the machine's own server, as the
  /// user it always is, over a channel of ours: there is no socket to pass.
  func block(directory: String) throws(Failure) -> String {
    let settings =
      target.route == .direct
      ? session.settings(directory: directory) : [Setting(.proxyUseFdpass, "no")]
    return try ClientConfiguration.render([.init(alias: alias, settings: settings)])
  }

  private var isDirect: Bool { target.route == .direct && session.jump == nil }

  /// Unique on this machine, and sorted by age in a listing.
  private static func uniqueName(_ now: Int64) -> String {
    let random = UInt32.random(in: .min ... .max)
    return "\(String(now, radix: 36))-\(String(random, radix: 36))"
  }
}
