import SystemIO

/// Times as they are shown.
enum TimeText {
  /// The end of the year 9999, the last that RFC 3339 can write.
  private static let last: Int64 = 253_402_300_799

  /// `2026-01-02T03:04:05Z`; a certificate may be valid until long after the years with four digits.
  static func utc(_ seconds: Int64) -> String {
    let parts = WallClock.parts(of: min(max(seconds, 0), last))
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : String(number) }
    let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }

  /// How long until then: `14 min`, `2 h 3 min`, `40 s`, or `expired`.
  static func left(until end: Int64, now: Int64 = WallClock.seconds) -> String {
    let seconds = end.saturatingSubtracting(now)
    return seconds <= 0 ? "expired" : length(seconds)
  }

  /// How long since then: `3 d`.
  static func age(since begin: Int64, now: Int64 = WallClock.seconds) -> String {
    length(max(0, now.saturatingSubtracting(begin)))
  }

  private static func length(_ seconds: Int64) -> String {
    switch seconds {
    case ..<60: return "\(seconds) s"
    case ..<3600: return "\(seconds / 60) min"
    case ..<86_400: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
    default: return "\(seconds / 86_400) d"
    }
  }
}
