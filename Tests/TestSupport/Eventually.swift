import Foundation
public import SystemIO
public import Testing

/// How long a test waits for what has to come, in seconds. Nothing takes longer on a computer that is busy
/// with all the other tests.
public let timeout = 60.0

/// Looks again and again whether a condition holds. What has to hold within a promised time is for
/// `expectEventually`: here a computer that is busy costs time and no failure.
/// - Parameter seconds: the longest wait.
/// - Returns: whether it held in time.
public func eventually(
  within seconds: Double = timeout, _ condition: () throws -> Bool
) rethrows -> Bool {
  let limit = Moment.now + Int(seconds * 1000)
  while try !condition() {
    if Moment.now >= limit { return false }
    usleep(5000)
  }
  return true
}

/// How long something takes, in seconds.
public func seconds<Result>(of work: () throws -> Result) rethrows -> (Result, Double) {
  let start = Moment.now
  let result = try work()
  return (result, Double(Moment.now - start) / 1000)
}

/// The processor time that this thread has used, in seconds: other programs do not count.
public func processorTime() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

/// The failure that the work ends in; it is an issue where it ends in none.
public func failure<Value>(
  _ sourceLocation: SourceLocation = #_sourceLocation, of work: () throws -> Value
) -> Failure? {
  do {
    Issue.record("no failure but \(try work())", sourceLocation: sourceLocation)
  } catch let failure as Failure {
    return failure
  } catch {
    Issue.record("another error: \(error)", sourceLocation: sourceLocation)
  }
  return nil
}

/// Why a test cannot go on.
public struct Unexpected: Error, CustomStringConvertible {
  public let description: String

  public init(_ description: String) {
    self.description = description
  }
}

/// The sanitizers of `scripts/test --sanitize`. They are built into the programs under test too, and
/// the environment tells them what to do; a test that makes up an environment passes that on.
public enum Sanitizers {
  static let environment = ProcessInfo.processInfo.environment.filter {
    [
      "ASAN_OPTIONS", "LSAN_OPTIONS", "NSS_WRAPPER_DISABLE_DEEPBIND", "SSHPROXY_CONFINE",
    ].contains($0.key)
  }

  public static let areOff = environment.isEmpty

  /// How many times longer than promised a program may take: with sanitizers in it, it begins by
  /// mapping their memory and ends by looking for leaks.
  public static let slowness: Double = environment.isEmpty ? 1 : 3
}
