/// Growing waits between tries: exponential, with jitter so that many clients do not come at once.
public struct Backoff: Sendable {
  private var wait: Int
  private let most: Int

  /// - Parameters: the first wait and the longest one, in milliseconds.
  public init(first: Int, most: Int) {
    wait = first
    self.most = most
  }

  /// The next wait: between half and all of a bound that grows by half each time.
  public mutating func next() -> Int {
    let bound = wait
    wait = min(most, wait + max(1, wait / 2))
    return bound / 2 + Int.random(in: 0...(bound - bound / 2))
  }
}
