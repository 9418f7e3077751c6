import Foundation
import SystemIO

/// Runs blocking work of tests on threads of their own, a few at a time: the two or three threads
/// of Swift concurrency are not for waiting.
final class Gate: @unchecked Sendable {
  static let shared = Gate(10)

  private let condition = NSCondition()
  private var free: Int

  init(_ places: Int) {
    free = places
  }

  /// - Parameter places: how many the work takes; more where its time matters.
  func run<Result: Sendable>(
    places: Int = 1, _ work: @escaping @Sendable () throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let thread = Thread { [self] in
        // Swift's own threads block signals, and a program that is started inherits that.
        var none = sigset_t()
        sigemptyset(&none)
        pthread_sigmask(SIG_SETMASK, &none, nil)
        take(places)
        let result = Swift.Result { try work() }
        take(-places)
        continuation.resume(with: result)
      }
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  private func take(_ places: Int) {
    condition.lock()
    while free < places { condition.wait() }
    free -= places
    condition.broadcast()
    condition.unlock()
  }
}
