import SessionRecord
import Sessions
import SystemIO

/// When the provider is asked what has become of a stored session that does not answer, or refuses its
/// key: once, and not about a session that was made for this very command.
final class Silence {
  /// How long an endpoint may be silent before, in milliseconds.
  private static let askAfter = 3000
  /// A session older than this, in seconds, was made for an earlier command.
  private static let justMade: Int64 = 2

  private let name: String
  private let session: Session
  /// Where the session is stored by now.
  private(set) var directory: String
  private let deadline: Moment
  private let due = Moment.now + askAfter
  private var isOver: Bool

  init(_ stored: StoredSession, deadline: Moment) {
    name = stored.record.name
    session = stored.session
    directory = stored.directory
    self.deadline = deadline
    isOver = WallClock.seconds - stored.record.created <= Self.justMade
  }

  /// Asks if it is time to. Returns and throws as `SessionProbe.ask`.
  func askWhenDue(_ plan: Plan) throws(Failure) -> StoredSession? {
    Moment.now >= due ? try ask(plan) : nil
  }

  func ask(_ plan: Plan) throws(Failure) -> StoredSession? {
    guard !isOver else { return nil }
    isOver = true
    plan.context.trace("asking the provider")
    let now = try SessionProbe(plan).ask(about: name, until: deadline)
    if let now, now.session == session { directory = now.directory }
    return now
  }
}
