import TestSupport
import Testing

@testable import SystemIO

/// Waits that end when nobody waits any more.
@Suite struct HangUpMonitorTests {
  private func kind(_ body: () throws -> Void) -> Failure.Kind? {
    do { try body() } catch { return (error as? Failure)?.kind }
    return nil
  }

  @Test(.timed) func timeIsUp() throws {
    var none: [pollfd] = []
    let (isReady, time) = try seconds {
      try HangUpMonitor(output: -1).wait(for: &none, until: .now + 50)
    }
    #expect(!isReady)
    #expect(time >= 0.04)
    try expectTime(time, within: 1)
    #expect(none.isEmpty)
  }

  @Test func readinessIsSaidPerItem() throws {
    let one = try Pipe()
    let other = try Pipe()
    try [1].withUnsafeBytes { try other.writing.writeAll($0) }
    var items = [one.reading.number, other.reading.number].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    #expect(try HangUpMonitor(output: -1).wait(for: &items, until: nil))
    #expect(items.count == 2)
    #expect(items[0].revents == 0)
    #expect(items[1].revents & Int16(POLLIN) != 0)
  }

  /// Before the first byte and after it: no reader is no reader.
  @Test(arguments: [true, false])
  func outputWithoutReader(beforeFirstByte: Bool) throws {
    let output = try Pipe().intoWriting()
    var none: [pollfd] = []
    let found = kind {
      _ = try HangUpMonitor(output: output.number).wait(
        for: &none, until: .now + 5000, beforeFirstByte: beforeFirstByte)
    }
    #expect(found == .cancelled)
  }

  @Test func closedLifeline() throws {
    let lifeline = try Pipe().intoReading()
    var none: [pollfd] = []
    let found = kind {
      _ = try HangUpMonitor(output: -1, lifeline: lifeline.number).wait(
        for: &none, until: .now + 5000)
    }
    #expect(found == .cancelled)
  }

  /// Of a parent and a reader, either may leave first, and after the first byte the other one waits still.
  @Test func aReaderThatHasLeftIsNobodyWhileTheParentIsThere() throws {
    let output = try Pipe().intoWriting()
    var none: [pollfd] = []
    for beforeFirstByte in [true, false] {
      let isReady = try HangUpMonitor(parentOrReaderOf: output.number).wait(
        for: &none, until: .now + 50, beforeFirstByte: beforeFirstByte)
      #expect(!isReady && none.isEmpty)
    }
  }

  /// Somebody who closes his end in the middle of a wait is noticed at once.
  @Test(.timed) func readerThatGoesAway() throws {
    let pipe = try Pipe()
    let reader = try RunningProgram(
      "/bin/sleep", ["0.2"], environment: [:], input: .descriptor(pipe.reading.number))
    let writing = pipe.intoWriting()
    let (found, time) = seconds {
      kind { try HangUpMonitor(output: writing.number).sleep(until: .now + 60_000) }
    }
    try expectTime(time, within: 5)
    #expect(found == .cancelled)
    _ = reader.end()
  }

  @Test(.timed) func waitsTellThatTheyGoOn() throws {
    var caller = HangUpMonitor(output: -1)
    var calls = 0
    caller.onWaiting = { calls += 1 }
    let (_, time) = try seconds {
      try caller.sleep(until: .now + 3 * HangUpMonitor.parentPollInterval)
    }
    try expectTime(time, within: Double(4 * HangUpMonitor.parentPollInterval) / 1000)
    #expect((2...4).contains(calls))
  }
}
