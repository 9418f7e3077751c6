import Dialing
import SessionRecord
import Sessions
import SystemIO

/// Has the provider asked what has become of a stored session that does not answer, or refuses its
/// key: once, and not about a session that was made for this very command.
final class ProviderProbe: LivenessProbe {
  private let question: SSHConnector.Question
  private let trace: (String) -> Void
  private let name: String
  private let session: Session
  private let addresses: [SocketAddress]
  /// Where the session is stored by now.
  private(set) var directory: String
  /// What is dialled; its way and its preamble stay when the endpoint has moved.
  var destination: DialDestination?
  private let deadline: Moment
  private let begin = Moment.now
  private var isOver: Bool

  init(
    _ stored: StoredSession, deadline: Moment, trace: @escaping (String) -> Void,
    ask question: @escaping SSHConnector.Question
  ) {
    self.question = question
    self.trace = trace
    name = stored.record.name
    session = stored.session
    addresses = stored.record.addresses
    directory = stored.directory
    self.deadline = deadline
    isOver = stored.record.isJustMade(at: WallClock.milliseconds)
  }

  var due: Moment? { isOver ? nil : begin + Self.delay }
  let awaited = pollfd.hangUp(-1)

  /// Asks at once, and waits for the answer.
  func start() throws(Failure) -> DialDestination? {
    guard let now = try ask(), now.record.addresses != addresses, now.session == session,
      !now.record.addresses.isEmpty, let destination
    else { return nil }
    trace("the endpoint has moved")
    return DialDestination(
      now.record.addresses, through: destination.through, preamble: destination.preamble,
      hasAnswered: destination.hasAnswered, for: destination.alias)
  }

  func finish() throws(Failure) -> DialDestination? { nil }

  /// Returns and throws as the question.
  @discardableResult
  func ask() throws(Failure) -> StoredSession? {
    guard !isOver else { return nil }
    isOver = true
    trace("asking the provider")
    let now = try question(name, deadline)
    if let now, now.session == session { directory = now.directory }
    return now
  }
}
