import Foundation
import SystemIO

/// Runs blocking work of tests on threads of their own, a few at a time: the two or three threads
/// of Swift concurrency are not for waiting.
final class Gate: @unchecked Sendable {
  static let shared = Gate()
  /// How many places there are.
  static let all = 10

  private let condition = NSCondition()
  private var free = Gate.all

  /// - Parameter places: how many the work takes; more where its time matters.
  func run<Result: Sendable>(
    places: Int = 1, _ work: @Sendable () throws -> Result
  ) async throws -> Result {
    try await withTaskExecutorPreference(OwnThreads.shared) {
      take(places)
      defer { take(-places) }
      return try work()
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

/// A thread for each piece of work, which stays part of its test: what it expects is told of it.
private final class OwnThreads: TaskExecutor {
  static let shared = OwnThreads()

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    let thread = Thread { [self] in
      // Swift's own threads block signals, and a program that is started inherits that.
      var none = sigset_t()
      sigemptyset(&none)
      pthread_sigmask(SIG_SETMASK, &none, nil)
      job.runSynchronously(on: asUnownedTaskExecutor())
    }
    thread.stackSize = 1 << 20
    thread.start()
  }
}
