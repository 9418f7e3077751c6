import SystemIO

/// Waits for a machine that its provider starts, with its state in the live line.
struct StateWait {
  let api: ProviderAPI
  let step: String
  let ready: Set<String>
  /// States that do not pass. All others are waited for, so are those that nobody knows.
  let final: Set<String>
  let announce: (String) -> Void

  /// - Parameters:
  ///   - name: of the machine, for the live line.
  ///   - ask: gives what is to be returned, and the state.
  /// - Throws: `.rejected` for a final state, `.temporary` at the deadline, both with the provider's word;
  ///   and what `ask` throws.
  func run<Value>(
    _ name: String, until deadline: Moment, ask: () throws(Failure) -> (Value, state: String)
  ) throws(Failure) -> Value {
    var backoff = Backoff(first: 300, most: 3000)
    var last: Failure?
    while true {
      let (value, state) = try ProviderAPI.poll(until: deadline, else: last, ask)
      if ready.contains(state) { return value }
      let word = state.sanitized(limit: 40)
      guard !final.contains(state) else {
        throw Failure(
          .rejected, step: step, "it is in the state \(word)",
          hint: "look at it at the provider")
      }
      announce("waiting for \(name) (\(word))")
      let late = Failure(
        .temporary, step: step, "it is not up in time, its state is \(word)",
        hint: "it goes on starting: run it again")
      let next = Moment.now + backoff.next()
      guard next < deadline else { throw late }
      last = late
      try api.client.pause(until: next)
    }
  }
}

extension ProviderAPI {
  /// With less time than this, in milliseconds, a poll that fails says nothing of the provider.
  private static let shortest = 1000

  /// Asks about a machine that is waited for.
  /// - Parameter late: what is to be said where the deadline cuts a poll short; `nil` at the first.
  static func poll<Value>(
    until deadline: Moment, else late: Failure?, _ ask: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    let begin = Moment.now
    do throws(Failure) {
      return try ask()
    } catch {
      guard let late, error.kind == .temporary, deadline - begin < Self.shortest else {
        throw error
      }
      throw late
    }
  }

  /// A call that changes a machine's state, unless that is changing already (409, RFC 9110, section
  /// 15.5.10).
  func nudge(
    _ request: HTTPRequest, _ step: String, _ hints: ProviderHints, until deadline: Moment
  ) throws(Failure) {
    var isChanging = false
    do throws(Failure) {
      _ = try call(request, .always, step: step, until: deadline) {
        isChanging = $0.status == 409
        return ErrorResponse($0).refusal(hints: hints)
      }
    } catch {
      guard isChanging else { throw error }
    }
  }
}
