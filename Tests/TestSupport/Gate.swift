import Foundation
import Testing

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which tests may run beside each other: some of them a few at a time, and what is timed alone if it has
/// to.
public final class Gate: @unchecked Sendable {
  public static let shared = Gate()
  /// How many places there are.
  private static let all = 10
  /// The longest wait, in seconds. Behind it a test goes on: a hang would say less than its failure.
  private static let patience = 900.0

  /// Whether this very piece of work has a place, or all of them: its homes count no more.
  @TaskLocal private static var isInside = false

  private let condition = NSCondition()
  private var free = Gate.all
  /// How many homes each test has, outside of the places.
  private var guests: [Test.ID?: Int] = [:]
  private var isTaken = false
  private var waiting = 0

  /// Runs blocking work of a test on a thread of its own, a few at a time: the two or three threads of
  /// Swift concurrency are not for waiting.
  /// - Parameter places: how many the work takes; more where its time matters.
  public func run<Result: Sendable>(
    places: Int = 1, _ work: @Sendable () throws -> Result
  ) async throws -> Result {
    try await withTaskExecutorPreference(OwnThreads.shared) {
      take(places)
      defer { give(places) }
      return try Self.$isInside.withValue(true) { try work() }
    }
  }

  /// Runs work while no other has a place, and no other test a home.
  public func runAlone<Result: Sendable>(
    _ work: @Sendable () async throws -> Result
  ) async throws -> Result {
    try await withTaskExecutorPreference(OwnThreads.shared) {
      takeAll()
      defer { giveAll() }
      return try await Self.$isInside.withValue(true) { try await work() }
    }
  }

  /// Notes that the current test has a home, and waits while another one is alone.
  /// - Returns: what has the home end with its owner.
  public func enter() -> Guest? {
    guard !Self.isInside else { return nil }
    let test = Test.current?.id
    change {
      // A second home of one test is never waited for: the first is what the other waits for.
      if guests[test] == nil { wait { !isTaken && waiting == 0 } }
      guests[test, default: 0] += 1
    }
    return Guest(gate: self, test: test)
  }

  fileprivate func leave(_ test: Test.ID?) {
    change {
      let count = (guests[test] ?? 1) - 1
      guests[test] = count > 0 ? count : nil
    }
  }

  private func take(_ places: Int) {
    change {
      wait { free >= places && !isTaken && waiting == 0 }
      free -= places
    }
  }

  private func give(_ places: Int) { change { free += places } }

  private func takeAll() {
    change {
      waiting += 1
      wait { free == Self.all && guests.isEmpty && !isTaken }
      waiting -= 1
      isTaken = true
    }
  }

  private func giveAll() { change { isTaken = false } }

  private func change(_ work: () -> Void) {
    condition.lock()
    work()
    condition.broadcast()
    condition.unlock()
  }

  private func wait(until holds: () -> Bool) {
    let limit = Date(timeIntervalSinceNow: Self.patience)
    while !holds(), condition.wait(until: limit) {}
  }
}

/// A home that counts for as long as this object lives.
public final class Guest: Sendable {
  private let gate: Gate
  private let test: Test.ID?

  fileprivate init(gate: Gate, test: Test.ID?) {
    self.gate = gate
    self.test = test
  }

  deinit { gate.leave(test) }
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
