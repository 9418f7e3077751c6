import SystemIO
import TestSupport
import Testing

@testable import Providers

/// How a provider is waited for, whose machine is not ready yet.
@Suite struct ReadinessTests {
  private let late = Failure(.temporary, "it still wakes")

  /// What is asked, answer after answer, and the lines that are shown meanwhile.
  /// - Parameter milliseconds: with less than a minute, the test has to be `.timed`: whoever is held up until
  ///   then is asked less often.
  private func wait(
    _ answers: [Result<Readiness<Int>, Failure>], milliseconds: Int = 60_000
  ) throws -> (value: Result<Int, Failure>, lines: [String]) {
    let api = try api(ScriptedAPI([]))
    let start = Moment.now
    var (rest, lines) = (answers[...], [String]())
    let value = Result { () throws(Failure) in
      try api.wait(
        until: .now + milliseconds, Backoff(first: 1, most: 1), announce: { lines.append($0) }
      ) { () throws(Failure) in
        guard let answer = rest.popFirst() else { throw Failure(.internalError, "asked too often") }
        return try answer.get()
      }
    }
    if milliseconds < 60_000 {
      try expectTime(Double(Moment.now - start) / 1000, within: Double(milliseconds) / 1000)
    }
    #expect(rest.isEmpty)
    return (value, lines)
  }

  private func waiting(_ line: String, after interval: Int? = nil) -> Result<
    Readiness<Int>, Failure
  > { .success(.waiting(line: line, late: late, interval: interval)) }

  @Test func asksUntilItIsReady() throws {
    let found = try wait([waiting("a"), waiting("b", after: 5), .success(.ready(7))])
    #expect(try found.value.get() == 7 && found.lines == ["a", "b"])
  }

  @Test func endsBeforeAWaitThatIsTooLong() throws {
    let found = try wait([waiting("a", after: 70_000)])
    #expect(failure { try found.value.get() }?.message == late.message && found.lines == ["a"])
  }

  /// With the deadline near, a question that fails says nothing of the machine: what was said before does.
  @Test(.timed, arguments: [(500, true), (60_000, false)])
  func aQuestionThatIsCutShortIsNoAnswer(_ milliseconds: Int, isCutShort: Bool) throws {
    let busy = Failure(.temporary, "no time")
    let found = try wait([waiting("a"), .failure(busy)], milliseconds: milliseconds)
    let expected = isCutShort ? late : busy
    #expect(failure { try found.value.get() }?.message == expected.message)
    let first = try wait([.failure(busy)], milliseconds: milliseconds)
    #expect(failure { try first.value.get() }?.message == busy.message)
  }

  @Test(.timed) func anotherFailureIsItsOwn() throws {
    let found = try wait([waiting("a"), .failure(Failure(.denied, "no key"))], milliseconds: 500)
    #expect(failure { try found.value.get() }?.kind == .denied)
  }

  @Test(
    arguments: [(.notFound, false), (.rejected, false), (.denied, nil)]
      as [(Failure.Kind, Bool?)])
  func whatIsRefusedForGoodIsNotThere(_ kind: Failure.Kind, isThere: Bool?) {
    let provider = StaticHost(endpoint: HostAndPort(host: "h", port: 22))
    let found = try? provider.isThere { () throws(Failure) in throw Failure(kind, "no") }
    #expect(found == isThere)
  }
}
