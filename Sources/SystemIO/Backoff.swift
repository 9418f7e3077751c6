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
