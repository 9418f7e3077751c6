import SystemIO
import TestSupport
import Testing

/// What grows with tries, time and what others send stops at its bound: a trap would end the process
/// without a word.
@Suite struct GrowthTests {
  private static let tries = 10_000

  @Test(arguments: [(20, 1000, 50), (20, 1000, 15), (100, .max, 50), (1, .max, .max)])
  func backoffStopsAtItsMost(first: Int, most: Int, growth: Int) {
    var backoff = Backoff(first: first, most: most, growth: growth)
    for _ in 0..<Self.tries {
      let wait = backoff.next()
      #expect((0...most).contains(wait))
      guard (0...most).contains(wait) else { return }
    }
    #expect(backoff.next() >= most / 2)
  }

  @Test func momentsStopAtTheEndOfTime() {
    let last = Moment(milliseconds: .max)
    let first = Moment(milliseconds: .min)
    #expect(Moment.now + .max == last)
    #expect(last + 1 == last)
    #expect(first + .min == first)
    #expect(last - first == .max)
    #expect(first - last == .min)
    #expect(last.remaining > 0)
    #expect(first.remaining == 0)
  }

  @Test func sumsAndProductsStopAtTheBounds() {
    #expect(Int64.max.saturatingAdding(1) == .max)
    #expect(Int64.min.saturatingAdding(-1) == .min)
    #expect(Int64.min.saturatingSubtracting(1) == .min)
    #expect(Int64(0).saturatingSubtracting(.min) == .max)
    #expect(Int64.max.saturatingMultiplied(by: -2) == .min)
    #expect(Int64.min.saturatingMultiplied(by: -1) == .max)
    #expect(Int.milliseconds(seconds: .max) == .max)
    #expect(Int.milliseconds(seconds: 120) == 120_000)
  }

  /// A file's date is anybody's to choose (touch -d).
  @Test func fileOfTheYear3000IsNewerThanToday() throws {
    let folder = try TemporaryDirectory("dates")
    let path = try folder.write("x", to: "file")
    var times = [timespec(tv_sec: 32_503_680_000, tv_nsec: 0), timespec(tv_sec: 0, tv_nsec: 0)]
    times[1] = times[0]
    try #require(utimensat(AT_FDCWD, path, times, 0) == 0)
    let status = try #require(FileStatus(of: path))
    #expect(status.lastWrite / 1_000_000 > WallClock.milliseconds)
  }
}
