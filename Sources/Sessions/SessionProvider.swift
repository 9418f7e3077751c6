public import OpenSSH
public import SystemIO

/// A provider turns a target into a session.
///
/// All three calls end at `deadline`, retry what may be repeated, and throw
/// - `.denied` when the key is missing or refused,
/// - `.unknown` when there is no such machine,
/// - `.busy` when asking again later can help,
/// - `.unreachable` when nothing answers,
/// - `.nonsense` when the answer cannot be believed,
/// - `.failed` when the provider says no for good.
public protocol SessionProvider {
  /// Opens a session whose key is `key`.
  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session

  /// What has become of a session opened earlier: whether it is still there. Wakes the machine
  /// where asking does that.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool

  /// Ends a session at the provider. One that is gone already is no failure.
  func close(_ session: Session, until deadline: Moment) throws(Failure)
}
