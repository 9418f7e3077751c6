/// A point in time on the monotonic clock, which does not follow changes of the computer's clock.
public struct Moment: Comparable, Sendable {
  /// Milliseconds since an arbitrary point, the same for all processes.
  public let milliseconds: Int64

  /// - Parameter milliseconds: since the same point.
  public init(milliseconds: Int64) {
    self.milliseconds = milliseconds
  }

  /// This moment (CLOCK_MONOTONIC, clock_gettime(2)).
  public static var now: Moment {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Moment(milliseconds: time.wholeMilliseconds)
  }

  /// Whether the first comes before the second.
  public static func < (left: Moment, right: Moment) -> Bool {
    left.milliseconds < right.milliseconds
  }

  /// A moment too far away to be told is the last one there is.
  public static func + (moment: Moment, milliseconds: Int) -> Moment {
    Moment(milliseconds: moment.milliseconds.saturatingAdding(Int64(milliseconds)))
  }

  /// Milliseconds from the second to the first.
  public static func - (left: Moment, right: Moment) -> Int {
    Int(clamping: left.milliseconds.saturatingSubtracting(right.milliseconds))
  }

  /// Milliseconds from now until this moment; 0 when it has passed.
  public var remaining: Int { max(0, self - Moment.now) }
}

/// Unix time, for what is stored and compared across processes.
public enum WallClock {
  /// Seconds since 1970.
  public static var seconds: Int64 { milliseconds / 1000 }

  /// The parts of a time in UTC (gmtime_r(3)).
  /// - Parameter seconds: since 1970.
  public static func parts(of seconds: Int64) -> tm {
    var time = time_t(seconds)
    var parts = tm()
    gmtime_r(&time, &parts)
    return parts
  }

  /// Milliseconds since 1970.
  public static var milliseconds: Int64 {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return time.wholeMilliseconds
  }
}

/// Growing waits between tries: exponential, with jitter so that many clients do not retry in step.
public struct Backoff: Sendable {
  private var bound: Int
  private let most: Int
  private let growth: Int

  /// - Parameters:
  ///   - first: the first wait and `most` the longest one, in milliseconds.
  ///   - growth: how much longer each wait is than the one before, in percent. With 15, what is
  ///     waited for is noticed late by at most about 15 % of the time waited so far.
  public init(first: Int, most: Int, growth: Int = 50) {
    bound = first
    self.most = most
    self.growth = growth
  }

  /// The next wait, in milliseconds: a random time from half the current bound up to the bound.
  public mutating func next() -> Int {
    let wait = bound / 2 + Int.random(in: 0...(bound - bound / 2))
    let growth = max(1, bound.saturatingMultiplied(by: growth) / 100)
    bound = min(most, bound.saturatingAdding(growth))
    return wait
  }
}

extension timespec {
  fileprivate var wholeMilliseconds: Int64 {
    Int64.milliseconds(seconds: Int64(tv_sec)).saturatingAdding(Int64(tv_nsec) / 1_000_000)
  }
}
