import Sessions
import SystemIO

/// What a provider says of something that it makes ready.
enum Readiness<Value> {
  case ready(Value)
  /// - line: what the wait is for, for the live line.
  /// - late: what is to be said where the deadline ends the wait.
  /// - interval: when to ask again, in milliseconds; `nil` for longer and longer waits.
  case waiting(line: String, late: Failure, interval: Int? = nil)
}

extension ProviderAPI {
  /// With less time than this, in milliseconds, a question that fails says nothing of the provider.
  private static let shortest = 1000

  /// Asks again and again until it is ready, at most until the deadline.
  /// - Parameter announce: is told what the wait is for.
  /// - Throws: what `ask` throws; at the deadline what it has said last.
  func wait<Value>(
    until deadline: Moment, _ backoff: Backoff, announce: (String) -> Void,
    _ ask: () throws(Failure) -> Readiness<Value>
  ) throws(Failure) -> Value {
    var backoff = backoff
    var last: Failure?
    while true {
      let begin = Moment.now
      let found: Readiness<Value>
      do throws(Failure) {
        found = try ask()
      } catch {
        // Where there is an earlier answer, that tells more than a question that the deadline cuts short.
        guard let last, error.kind == .temporary, deadline - begin < Self.shortest else {
          throw error
        }
        throw last
      }
      switch found {
      case .ready(let value): return value
      case .waiting(let line, let late, let interval):
        announce(line)
        let next = Moment.now + (interval ?? backoff.next())
        guard next < deadline else { throw late }
        last = late
        try client.pause(until: next)
      }
    }
  }
}

extension SessionProvider {
  /// Whether a session is there that a call asks about: not where its provider refuses the call for good.
  /// - Parameter refusals: the kinds of failure that mean it.
  func isThere(
    unless refusals: Set<Failure.Kind> = [.notFound, .rejected],
    _ ask: () throws(Failure) -> Bool
  ) throws(Failure) -> Bool {
    do throws(Failure) {
      return try ask()
    } catch  where refusals.contains(error.kind) {
      return false
    }
  }
}
