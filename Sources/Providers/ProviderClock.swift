import SystemIO

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
