public import OpenSSH
public import SystemIO

/// A provider turns a target into a session.
///
/// All three calls end at `deadline`, retry what may be repeated, and throw
/// - `.denied` when the API key is missing or refused,
/// - `.notFound` when there is no such machine,
/// - `.temporary` when asking again later can help,
/// - `.unreachable` when nothing answers,
/// - `.invalidResponse` when the answer cannot be believed,
/// - `.rejected` when the provider says no for good.
public protocol SessionProvider {
  /// Opens a session in which `key` can log in.
  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session

  /// Whether a session opened earlier still exists. Where asking wakes the machine, it is woken.
  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool

  /// Ends a session at the provider. It is no failure if the session is gone already.
  func close(_ session: Session, until deadline: Moment) throws(Failure)
}
