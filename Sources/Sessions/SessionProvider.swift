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

/// Has a session that was opened and is of no use end at the provider, too: providers limit how many may be
/// open, and some let in whoever knows of one.
/// - Parameters:
///   - end: ends it, until that moment: somebody waits to hear why it is of no use.
///   - stays: whether what `body` throws leaves it of use, to a later call.
/// - Throws: what `body` throws.
package func closingOnFailure<Value>(
  _ end: (_ limit: Moment) throws(Failure) -> Void,
  unless stays: (Failure) -> Bool = { _ in false }, _ body: () throws(Failure) -> Value
) throws(Failure) -> Value {
  do throws(Failure) {
    return try body()
  } catch {
    if !stays(error) { try? end(Moment.now + Session.closingTimeout(after: error)) }
    throw error
  }
}

/// A provider whose sessions may take long to become ready, so that an interrupted wait can be taken up.
public protocol ResumableProvider: SessionProvider {
  /// As `open`. A session that is named and not ready stays at the provider where the call is cancelled
  /// or fails with `.temporary` or `.unreachable`; after any other failure it has been closed.
  /// - Parameters:
  ///   - pending: the id of a session that an earlier call for the same key has left; it is waited for if
  ///     it is there still, else a new one is made.
  ///   - named: is told the id of a session as soon as it is known and not ready.
  func open(
    for key: PublicKey, resuming pending: String?, named: (_ id: String) -> Void,
    until deadline: Moment
  ) throws(Failure) -> Session

  /// Ends a session that was never ready. It is no failure if it is gone already.
  func abandon(_ id: String, until deadline: Moment) throws(Failure)
}
