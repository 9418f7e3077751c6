#if os(Linux)
  import Foundation
  import SystemIO
  import TestSupport
  import Testing

  /// Waits for locks and children are woken by what they wait for, and do not look again and again: each look
  /// would be a switch away from the thread that waits.
  @Suite struct WaitingTests {
    private let folder: TemporaryDirectory

    init() throws { folder = try TemporaryDirectory("waiting") }

    /// RUSAGE_THREAD (getrusage(2)), which glibc shows to GNU's own programs alone.
    private let thread: Int32 = 1

    /// How often the work has given up the processor to wait, on the thread that calls it.
    private func pauses(of work: () throws -> Void) rethrows -> Int {
      func count() -> Int {
        var usage = rusage()
        getrusage(thread, &usage)
        return usage.ru_nvcsw
      }
      let before = count()
      try work()
      return count() - before
    }

    private func lock(_ milliseconds: Int) throws -> FileLock {
      try FileLock("lock", in: try folder.open(), until: .now + milliseconds, caller: .nobody)
    }

    /// The caller is looked at five times a second.
    @Test func heldLockIsNotPolled() throws {
      let held = try lock(0)
      let count = pauses {
        let failure = #expect(throws: Failure.self) { _ = try lock(1000) }
        #expect(failure?.kind == .temporary)
      }
      #expect(count < 40)
      _ = consume held
      // What was given up leaves nothing locked.
      #expect(eventually { (try? lock(0)) != nil })
    }

    @Test func lockIsTakenWhenItIsFree() throws {
      let held = try lock(0)
      let waiting = try DetachedWork { [folder] in
        let lock = try? FileLock(
          "lock", in: try folder.open(), until: .now + 20_000, caller: .nobody)
        return lock != nil
      }
      #expect(eventually { HomeProcess.waitsForLock(getpid()) })
      _ = consume held
      #expect(waiting.value())
    }

    @Test func childIsNotPolled() throws {
      var status: Int32?
      let count = try pauses {
        let child = try Child(path: "/bin/sleep", arguments: ["sleep", "1"], environment: [])
        status = try child.wait(until: .now + 20_000, caller: .nobody)
      }
      #expect(status == 0)
      #expect(count < 50)
    }

    @Test(.timed) func childThatStaysIsEndedAtTheDeadline() throws {
      let start = Moment.now
      let child = try Child(path: "/bin/sleep", arguments: ["sleep", "20"], environment: [])
      let number = child.identifier
      let status = try child.wait(until: .now + 200, caller: .nobody)
      try expectTime(Double(Moment.now - start) / 1000, within: 5)
      #expect(status == nil)
      #expect(kill(number, 0) == -1)
    }
  }

  /// Work on a thread of its own, and what came of it.
  private final class DetachedWork: @unchecked Sendable {
    private let done = DispatchSemaphore(value: 0)
    private var result = false

    init(_ work: @escaping @Sendable () throws -> Bool) throws {
      Thread { [self] in
        result = (try? work()) ?? false
        done.signal()
      }.start()
    }

    func value() -> Bool {
      done.wait()
      return result
    }
  }
#endif
