import Configuration
package import SystemIO

/// Whether a call may be repeated.
package enum Repetition {
  /// Always: two calls have the same effect as one.
  case always
  /// Only where it cannot have been carried out: no connection, 429, 503 with `Retry-After`.
  case ifNotCarriedOut
}

/// A call to a provider that is over.
public struct FinishedCall: Sendable {
  /// What was being done.
  public let step: String
  /// All tries included, in milliseconds.
  public let time: Int
  /// Whether it had an answer with a status from 200 to 299.
  public let isDone: Bool
}

extension Failure {
  /// No connection was made.
  static func notConnected(_ message: String) -> Failure {
    Failure(.unreachable, message, cause: .notConnected)
  }

  /// A connection broke, or no answer came in time.
  static func connectionLost(_ message: String) -> Failure {
    Failure(.unreachable, message, cause: .connectionLost)
  }
}

/// The meaning of an answer other than 2xx.
package struct Refusal {
  /// What is thrown where there is no other try.
  package var failure: Failure
  /// Whether another try can help, by the provider's word or by the status.
  var isRetryable: Bool
}

extension HTTPClient {
  /// How long a call that may always be repeated waits for one answer, in milliseconds, before the
  /// next try.
  private static var answerTimeout: Int { 20_000 }

  /// libcurl's timer for a call may end it by this much before the deadline, in milliseconds: a failure that late
  /// counts as the deadline's.
  private static var timerSlack: Int { 100 }

  private enum Attempt {
    case answer(HTTPResponse)
    /// Another try may help, after this many milliseconds if the provider names a time.
    case again(Failure, after: Int?, isUnreached: Bool)
  }

  /// Repeats a call until there is an answer, at most until the deadline.
  /// - Parameters:
  ///   - step: what is being done, for messages.
  ///   - explain: gives the meaning of an answer other than 2xx.
  /// - Returns: an answer with a status from 200 to 299.
  /// - Throws: `.temporary` when the deadline ends the tries, the `explain`ed failure, `.unreachable`,
  ///   `.invalidResponse`, `.cancelled`.
  func call(
    _ request: HTTPRequest, _ repetition: Repetition, step: String, until deadline: Moment,
    explain: (HTTPResponse) -> Refusal
  ) throws(Failure) -> HTTPResponse {
    let start = Moment.now
    var isDone = false
    defer { onCall?(FinishedCall(step: step, time: Moment.now - start, isDone: isDone)) }
    var backoff = Backoff(first: 100, most: 5000)
    var before: Failure?
    var deadline = deadline
    while true {
      do throws(Failure) {
        let lookups = lookupTime
        let attempt = try attempt(request, repetition, until: deadline, explain)
        if lookupDeadline != nil { deadline = deadline + (lookupTime - lookups) }
        switch attempt {
        case .answer(let response):
          isDone = true
          return response
        case .again(let latest, let wait, let isUnreached):
          // The last try, cut short by the deadline, does not say what was wrong.
          let isCutShort = Moment.now + Self.timerSlack >= deadline
          let failure = isCutShort ? before ?? latest : latest
          before = latest
          // With `Retry-After: 0` there is a pause too.
          let pause = backoff.next()
          let next = Moment.now + (wait.map { $0 > 0 ? $0 : pause } ?? pause)
          guard next < deadline else { throw Self.outOfTime(failure) }
          if isUnreached, let reach, next >= reach {
            throw Failure(
              .unreachable, failure.message,
              hint: "check this computer's network, DNS and HTTPS_PROXY, and run it again")
          }
          try self.pause(until: next)
        }
      } catch {
        var failure = error
        if failure.kind != .cancelled { failure.step = step }
        // A secret may stand in several parts of an answer, which only together are one; and libcurl quotes
        // what it cannot read.
        failure.message = secrets.struck(failure.message)
        throw failure
      }
    }
  }

  private func attempt(
    _ request: HTTPRequest, _ repetition: Repetition, until deadline: Moment,
    _ explain: (HTTPResponse) -> Refusal
  ) throws(Failure) -> Attempt {
    let answerTimeout = repetition == .always ? Self.answerTimeout : nil
    do throws(Failure) {
      let response = try send(request, until: deadline, answerTimeout: answerTimeout)
      if (200...299).contains(response.status) { return .answer(response) }
      let refusal = explain(response)
      guard refusal.isRetryable, repetition == .always || response.wasNotCarriedOut else {
        throw refusal.failure
      }
      return .again(
        refusal.failure, after: refusal.failure.retryAfter, isUnreached: false)
    } catch {
      switch error.cause {
      case .notConnected: return .again(error, after: nil, isUnreached: true)
      case .connectionLost where repetition == .always:
        return .again(error, after: nil, isUnreached: false)
      case .connectionLost:
        let isCutShort = Moment.now + Self.timerSlack >= deadline
        throw Failure(
          isCutShort ? .temporary : .unreachable, error.message,
          hint: "the provider may have carried it out all the same; run it again")
      default: throw error
      }
    }
  }

  private static func outOfTime(_ failure: Failure) -> Failure {
    Failure(
      .temporary, failure.message + "; the deadline is over",
      hint: failure.hint ?? "check the network and the provider's status, and run it again later")
  }
}

extension HTTPResponse {
  /// Whether the status means that the server has not carried out the request.
  fileprivate var wasNotCarriedOut: Bool { status == 429 || (status == 503 && retryAfter != nil) }
}
