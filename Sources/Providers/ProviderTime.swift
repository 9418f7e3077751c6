import SystemIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Times as the providers write them: RFC 3339, also as Python's `isoformat` has them, without a
/// zone (UTC is meant) and with parts of a second.
///
/// FoundationEssentials reads them, but rolls the 30th of February over into March and ignores
/// what follows; so the shape and the ranges are checked here first.
enum Timestamp {
  /// Unix seconds, rounded down; `nil` for a text that is no time.
  static func seconds(_ text: String) -> Int64? {
    var scanner = Scanner(text)
    guard let year = scanner.number(4), scanner.take("-"), let month = scanner.number(2),
      scanner.take("-"), let day = scanner.number(2), scanner.takeSeparator(),
      let hour = scanner.number(2), scanner.take(":"), let minute = scanner.number(2),
      scanner.take(":"), let second = scanner.number(2), scanner.fraction(),
      let zone = scanner.zone(), scanner.isAtEnd,
      hour < 24, minute < 60, second <= 60, (1...12).contains(month),
      (1...days(in: month, of: year)).contains(day)
    else { return nil }
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let years = String(repeating: "0", count: 4 - String(year).count) + String(year)
    let plain =
      "\(years)-\(two(month))-\(two(day))T\(two(hour)):\(two(minute)):\(two(min(second, 59)))Z"
    guard let date = try? Date(plain, strategy: .iso8601) else { return nil }
    let east = Int64(zone * 60)  // bounded: a day
    return Int64(exactly: date.timeIntervalSince1970).map { $0 - east }
  }

  private static func days(in month: Int, of year: Int) -> Int {
    let isLeap = year.isMultiple(of: 4) && (!year.isMultiple(of: 100) || year.isMultiple(of: 400))
    return month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
  }

  private struct Scanner {
    private var rest: Substring.UTF8View

    init(_ text: String) {
      rest = text.utf8[...]
    }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func number(_ digits: Int) -> Int? {
      let word = rest.prefix(digits)
      guard word.count == digits, word.allSatisfy(\.isDigit) else {
        return nil
      }
      rest = rest.dropFirst(digits)
      return Int(Substring(word))
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
      guard rest.first.map({ UInt32($0) == character.value }) == true else { return false }
      rest = rest.dropFirst()
      return true
    }

    /// RFC 3339 has `T`, `t`, and a space for those who write it so, as Python's `str` does.
    mutating func takeSeparator() -> Bool { take("T") || take("t") || take(" ") }

    /// Parts of a second, which nobody needs; true where there are none.
    mutating func fraction() -> Bool {
      guard take(".") else { return true }
      let digits = rest.prefix(while: \.isDigit)
      rest = rest.dropFirst(digits.count)
      return (1...18).contains(digits.count)
    }

    /// Minutes east of UTC.
    mutating func zone() -> Int? {
      if isAtEnd || take("Z") || take("z") { return 0 }
      let sign = take("-") ? -1 : take("+") ? 1 : 0
      guard sign != 0, let hours = number(2), hours < 24 else { return nil }
      _ = take(":")
      guard let minutes = number(2), minutes < 60 else { return nil }
      return sign * (hours * 60 + minutes)  // bounded: two digits each
    }
  }
}

/// The provider's clock as an answer shows it. The times that a provider names are its own, and a
/// computer whose clock is behind would otherwise use a session for longer than it lives.
struct ProviderClock {
  /// How far two clocks may differ and still be taken for the same, in seconds: `Date` has whole
  /// seconds, and an answer takes its time.
  static let tolerance: Int64 = 5

  /// The provider's time less this computer's, in seconds.
  private let offset: Int64

  /// - Parameters:
  ///   - date: the answer's `Date` in Unix seconds; without one, the clocks are taken to agree.
  ///   - now: this computer's time in Unix seconds.
  init(date: Int64?, now: Int64 = WallClock.seconds) {
    let difference = date.map { $0.saturatingSubtracting(now) } ?? 0
    offset = difference.magnitude > UInt64(Self.tolerance) ? difference : 0
  }

  /// A time of the provider's by this computer's clock; Unix seconds.
  func here(_ time: Int64) -> Int64 { time.saturatingSubtracting(offset) }

  /// The provider's time now; Unix seconds.
  var now: Int64 { WallClock.seconds.saturatingAdding(offset) }
}
