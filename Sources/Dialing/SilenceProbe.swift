public import SystemIO

/// Finds out, beside the dialling, what has become of an endpoint that does not answer.
public protocol SilenceProbe: AnyObject {
  /// When it is to be started; `nil` once it has been, or when there is nothing to find out.
  var due: Moment? { get }
  /// What to wait for while it is under way; a negative descriptor when it is not.
  var awaited: pollfd { get }
  /// - Returns: as `finish`, where it is known at once.
  /// - Throws: what ends the dialling.
  func start() throws(Failure) -> DialGoal?
  /// To be called once `awaited` is ready.
  /// - Returns: where the endpoint is; `nil` where that has not changed.
  /// - Throws: what ends the dialling.
  func finish() throws(Failure) -> DialGoal?
}
