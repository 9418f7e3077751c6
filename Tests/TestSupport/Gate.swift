import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Which tests may run beside each other: some of them a few at a time, and what is late alone.
///
/// Nobody blocks a thread to be let in: the two or three threads of Swift concurrency are needed by those
/// who are in.
public final class Gate: Sendable {
  public static let shared = Gate()
  /// How many places there are.
  private static let all = 10

  /// Whether this very piece of work has been let in.
  @TaskLocal private static var isInside = false

  private enum Need {
    /// Beside any others.
    case company
    /// Beside any others, of which so many places are left.
    case places(Int)
    /// While nobody else is in.
    case solitude
  }

  private struct State {
    var free = Gate.all
    var guests = 0
    var isTaken = false
    var waiting: [(need: Need, entry: CheckedContinuation<Void, Never>)] = []

    /// Once somebody waits to be alone nobody else is let in: that turn would never come.
    private var isClosed: Bool {
      isTaken || waiting.contains { if case .solitude = $0.need { true } else { false } }
    }

    /// Lets in whom it can.
    mutating func admit() -> CheckedContinuation<Void, Never>? {
      let isClosed = isClosed
      let index = waiting.firstIndex { visitor in
        switch visitor.need {
        case .company: !isClosed
        case .places(let count): !isClosed && free >= count
        case .solitude: !isTaken && guests == 0 && free == Gate.all
        }
      }
      guard let index else { return nil }
      let visitor = waiting.remove(at: index)
      add(visitor.need, 1)
      return visitor.entry
    }

    mutating func add(_ need: Need, _ sign: Int) {
      switch need {
      case .company: guests += sign
      case .places(let count): free -= sign * count
      case .solitude: isTaken = sign > 0
      }
    }
  }

  private let state = Mutex(State())

  /// Runs blocking work of a test on a thread of its own, a few at a time.
  /// - Parameter places: how many the work takes; more where its time matters.
  public func run<Result: Sendable>(
    places: Int = 1, _ work: @Sendable () async throws -> Result
  ) async throws -> Result {
    try await enter(.places(places)) {
      try await withTaskExecutorPreference(OwnThreads.shared) { try await work() }
    }
  }

  /// Runs work while no other is in.
  private func runAlone<Result: Sendable>(
    _ work: @Sendable () async throws -> Result
  ) async throws -> Result {
    try await enter(.solitude) {
      try await withTaskExecutorPreference(OwnThreads.shared) { try await work() }
    }
  }

  /// Runs work beside that of others. What is late there says nothing yet: the work is run once more, alone,
  /// and that run counts.
  /// - Parameters:
  ///   - places: how many it takes at first; `nil` for work that any other may be beside.
  ///   - work: is told whether the run counts in any case; returns whether it does.
  public func runAgainIfLate(
    places: Int? = nil, _ work: @Sendable (_ isLast: Bool) async throws -> Bool
  ) async throws {
    let counts =
      if let places {
        try await run(places: places) { try await work(false) }
      } else {
        try await enter(.company) { try await work(false) }
      }
    guard !counts else { return }
    _ = try await runAlone { try await work(true) }
  }

  private func enter<Result: Sendable>(
    _ need: Need, _ work: @Sendable () async throws -> Result
  ) async throws -> Result {
    // A part of work that has been let in: it would wait for the end of what it is part of.
    guard !Self.isInside else { return try await work() }
    await withCheckedContinuation { entry in change { $0.waiting.append((need, entry)) } }
    defer { change { $0.add(need, -1) } }
    return try await Self.$isInside.withValue(true) { try await work() }
  }

  private func change(_ work: (inout State) -> Void) {
    let entries = state.withLock { state in
      work(&state)
      var entries: [CheckedContinuation<Void, Never>] = []
      while let entry = state.admit() { entries.append(entry) }
      return entries
    }
    for entry in entries { entry.resume() }
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
