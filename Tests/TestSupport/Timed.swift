import Foundation
public import Testing

/// For tests with a bound on time, and for those that keep the computer busy: one that is late beside others
/// is carried out once more, alone (`Gate`).
public struct Timed: TestTrait, SuiteTrait, TestScoping {
  public let isRecursive = true

  /// A test that finds itself late in its first run.
  fileprivate struct Late: Error {}

  fileprivate enum Run { case first, last }
  @TaskLocal fileprivate static var run: Run?

  /// Each case of a test is run, and run again, by itself.
  public func scopeProvider(for test: Test, testCase: Test.Case?) -> Timed? {
    testCase == nil ? nil : self
  }

  public func provideScope(
    for test: Test, testCase: Test.Case?, performing function: @Sendable () async throws -> Void
  ) async throws {
    // A test and its suite may both say it.
    guard Self.run == nil else { return try await function() }
    try await Gate.shared.runAgainIfLate { isLast in
      do {
        try await Self.$run.withValue(isLast ? .last : .first) { try await function() }
        return true
      } catch is Late {
        return false
      }
    }
  }
}

extension Trait where Self == Timed {
  /// Has what `expectTime` finds late carried out once more, alone; and others' late tests wait for it, and
  /// it for them.
  public static var timed: Timed { Timed() }
}

/// Expects that something has taken no longer than promised. It stands before expectations that a late
/// run would fail as well.
/// - Parameters:
///   - seconds: how long it has taken.
///   - limit: the promise, in seconds; programs with sanitizers in them are given more.
/// - Throws: when it is late beside other tests, so that the test ends here and is run again.
public func expectTime(
  _ seconds: Double, within limit: Double, _ comment: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  guard let run = Timed.run else {
    Issue.record("a bound on time in a test that is not .timed", sourceLocation: sourceLocation)
    return
  }
  let bound = limit * Sanitizers.slowness
  if seconds > bound, run == .first { throw Timed.Late() }
  #expect(
    seconds <= bound, Comment(rawValue: comment()), sourceLocation: sourceLocation)
}

/// Expects that a condition comes to hold, and that within a promised time.
/// - Throws: as `expectTime`.
public func expectEventually(
  within limit: Double, _ comment: @autoclosure () -> String = "",
  sourceLocation: SourceLocation = #_sourceLocation, _ condition: () throws -> Bool
) throws {
  let (holds, time) = try seconds { try eventually(condition) }
  #expect(holds, Comment(rawValue: comment()), sourceLocation: sourceLocation)
  try expectTime(time, within: limit, comment(), sourceLocation: sourceLocation)
}

extension ProgramEnd {
  /// Expects that the program has ended in time.
  /// - Parameter limit: seconds from its start.
  /// - Throws: as `expectTime`.
  public func expectTime(
    within limit: Double, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try TestSupport.expectTime(
      seconds, within: limit, "\(self)", sourceLocation: sourceLocation)
  }
}
