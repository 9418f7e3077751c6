import OpenSSH
import Sessions
import SystemIO

/// A fixed endpoint from the configuration, without any API.
struct StaticHost: SessionProvider {
  let endpoint: HostAndPort

  /// How long its resolved addresses are used, in seconds.
  private static let life: Int64 = 3600

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    Session(
      id: nil, endpoint: endpoint, login: .users(login: nil, identityFile: nil),
      hostTrust: .users, expires: WallClock.seconds + Self.life)
  }

  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool { true }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {}
}
