import Dialing
import OpenSSH
import SessionRecord
import Sessions
import SystemIO

/// Asks the provider what has become of a stored session whose endpoint does not answer or refuses
/// its key.
final class EndpointProbe: SilenceProbe {
  /// The provider is asked after this long without an answer, in milliseconds.
  private static let askAfter = 3000
  /// A session older than this, in seconds, was made for an earlier command.
  private static let justMade: Int64 = 2

  private let context: Context
  private let alias: Alias
  private let target: Target
  private let stored: StoredSession
  private let deadline: Moment
  private let begin = Moment.now
  private var isDone: Bool

  init(
    context: Context, alias: Alias, target: Target, stored: StoredSession, deadline: Moment
  ) {
    self.context = context
    self.alias = alias
    self.target = target
    self.stored = stored
    self.deadline = deadline
    isDone = WallClock.seconds - stored.record.created <= Self.justMade
  }

  var due: Moment? { isDone ? nil : begin + Self.askAfter }
  let awaited = pollfd(fd: -1, events: 0, revents: 0)

  /// Asks at once, and waits for the answer.
  func start() throws(Failure) { try ask() }
  func finish() throws(Failure) -> DialGoal? { nil }

  /// Asks the provider, once. Returns when it is worth going on: the session is alive, or the
  /// provider is out of reach and so nothing was learnt.
  /// - Throws: `.temporary` when the session is gone at the provider; it is dropped here as well.
  func ask() throws(Failure) {
    guard !isDone else { return }
    isDone = true
    context.trace("asking the provider")
    let provider = LazyProvider(context.providers(try context.configuration()), target)
    do throws(Failure) {
      guard try !provider.isAlive(stored.session, until: deadline) else { return }
    } catch {
      guard [.temporary, .unreachable].contains(error.kind) else { throw error }
      return context.trace("\(error.step): \(error.message)")
    }
    let store = try SessionStore(path: context.files.stateDirectory)
    let lock = try AliasLock(alias.name, in: store, until: deadline, caller: context.caller)
    try lock.drop(
      stored.record, of: alias.name, in: store, until: deadline, caller: context.caller)
    throw Failure(
      .temporary, "the session is gone at \(target.provider.title)",
      hint: "run it again: a new one is made")
  }
}
