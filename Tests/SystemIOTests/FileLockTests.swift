import Foundation
import Synchronization
import SystemIO
import TestSupport
import Testing

@Suite struct FileLockTests {
  let folder: TemporaryDirectory

  init() throws { folder = try TemporaryDirectory("locks") }

  private func isFree(_ milliseconds: Int = 0, caller: HangUpMonitor = .nobody)
    throws -> Bool
  {
    do {
      _ = try FileLock("lock", in: try folder.open(), until: .now + milliseconds, caller: caller)
      return true
    } catch let error as Failure where error.kind == .temporary {
      return false
    }
  }

  @Test func endsWithItsOwner() throws {
    do {
      let lock = try FileLock(
        "lock", in: try folder.open(), until: .now, caller: .nobody)
      #expect(try !isFree())
      _ = consume lock
    }
    // A test beside this one that starts a program has a copy of the lock until the program runs.
    #expect(try isFree(10_000))
    #expect(try folder.mode(of: "lock") == 0o600)
  }

  /// Only one at a time, of many threads.
  @Test func oneThreadAtATime() throws {
    let inside = Mutex(0)
    let turns = Mutex(0)
    let folder = folder
    let threads = (1...8).map { _ in
      Thread {
        for _ in 1...10 {
          guard let directory = try? folder.open(),
            let lock = try? FileLock(
              "lock", in: directory, until: .now + 60_000, caller: .nobody)
          else { continue }
          let count = inside.withLock { count in
            count += 1
            return count
          }
          #expect(count == 1)
          inside.withLock { $0 -= 1 }
          turns.withLock { $0 += 1 }
          _ = consume lock
        }
      }
    }
    for thread in threads { thread.start() }
    #expect(eventually { turns.withLock { $0 } == 80 })
  }

  /// Another process holds it; with its death it is free.
  @Test func endsWithTheProcess() throws {
    let holder = try folder.holdLock("lock")
    #expect(try !isFree(50))
    kill(-holder.identifier, SIGKILL)
    #expect(try isFree(60_000))
  }

  @Test func waitsNoLongerThanTheCaller() throws {
    let lock = try FileLock(
      "lock", in: try folder.open(), until: .now, caller: .nobody)
    let output = try Pipe().intoWriting()
    let failure = #expect(throws: Failure.self) {
      try isFree(5000, caller: HangUpMonitor(output: output.number))
    }
    #expect(failure?.kind == .cancelled)
    _ = consume lock
  }

  /// A lock on a file that has been removed meanwhile is worth nothing: the name counts.
  @Test func removedFileIsMadeAnew() throws {
    let lock = try FileLock(
      "lock", in: try folder.open(), until: .now, caller: .nobody)
    unlink(folder.path(of: "lock"))
    #expect(try isFree())
    _ = consume lock
  }

  @Test func followsNoLink() throws {
    try folder.write("", to: "other")
    symlink("other", folder.path(of: "lock"))
    let failure = #expect(throws: Failure.self) { try isFree() }
    #expect(failure?.kind == .inputOutput)
  }
}
