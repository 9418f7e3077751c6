import SystemIO
import TestSupport
import Testing

@testable import Dialing

/// When to dial, by a clock that stands where the test has set it.
@Suite struct RedialPolicyTests {
  private let start = Moment(milliseconds: 1_000_000)
  private func at(_ seconds: Int) -> Moment { start + seconds * 1000 }

  /// Everything that is ever dialled when each connection is open at once and silent for good.
  private func silence(of seconds: Int) -> (dialled: [Int], open: [[Int]]) {
    var policy = RedialPolicy(deadline: at(seconds), at: start)
    var dialled: [Int] = []
    var open: [Int] = []
    var history: [[Int]] = []
    var now = start
    while !policy.isOver(at: now) {
      if policy.isDue(at: now) {
        if open.count == 2 {
          open.remove(at: policy.surplus(age: (now - start) - open[0]) == .older ? 0 : 1)
        }
        _ = policy.dialled(at: now)
        policy.connected(at: now)
        dialled.append(now - start)
        open.append(now - start)
        history.append(open)
      }
      now = max(now + 1, policy.wake)
    }
    return (dialled, history)
  }

  @Test func firstIsDialledAtOnce() {
    let policy = RedialPolicy(deadline: at(120), at: start)
    #expect(policy.isDue(at: start))
    #expect(!policy.isOver(at: start))
  }

  /// A gateway that has swallowed what came before the machine woke answers the next connection.
  @Test func wakeIsMissedByFiveSecondsAtMost() {
    let dialled = silence(of: 600).dialled
    for wake in stride(from: 0, to: 590_000, by: 500) {
      let next = dialled.first { $0 >= wake }
      #expect(next.map { $0 - wake <= 5000 } == true, "awake after \(wake) ms")
    }
  }

  /// A gateway that holds a connection until the machine has woken answers that one.
  @Test func silentConnectionIsKeptBesideTheNext() {
    let open = silence(of: 600).open
    #expect(open.allSatisfy { $0.count <= 2 })
    for (before, after) in zip(open, open.dropFirst()) {
      #expect(after.contains { before.contains($0) }, "\(before) \(after)")
    }
    // One connection outlives each pause that the machine may take to answer.
    let ages = open.map { ($0.last ?? 0) - ($0.first ?? 0) }
    #expect((ages.max() ?? 0) >= 120_000)
  }

  @Test func refusalsAreDialledAgainWithBackoff() {
    var policy = RedialPolicy(deadline: at(120), at: start)
    var now = start
    var waits: [Int] = []
    while !policy.isOver(at: now) {
      _ = policy.dialled(at: now)
      policy.failed(at: now)
      waits.append(policy.wake - now)
      now = policy.wake
    }
    #expect(waits.first.map { (10...20).contains($0) } == true)
    #expect(waits.allSatisfy { $0 <= 1000 })
    #expect((120...400).contains(waits.count))
  }

  @Test func handshakeHasALimit() {
    var policy = RedialPolicy(deadline: at(12), at: start)
    #expect(policy.dialled(at: start) == at(10))
    #expect(!policy.isDue(at: at(9)))
    policy.failed(at: at(10))
    #expect(policy.isDue(at: at(11)))
    #expect(policy.dialled(at: at(11)) == at(12))
    #expect(policy.isOver(at: at(12)))
  }

  @Test func newPlaceIsDialledAtOnce() {
    var policy = RedialPolicy(deadline: at(120), at: start)
    _ = policy.dialled(at: start)
    policy.connected(at: start)
    policy.moved(at: at(1))
    #expect(policy.isDue(at: at(1)))
  }

  /// It grows with tries: a trap would end the process without a word.
  @Test(arguments: [5000, 10_000, Int.max])
  func timeoutStopsWithinADay(first: Int) {
    var timeout = GrowingTimeout(first: first)
    var before = 0
    for _ in 0..<10_000 {
      guard timeout.milliseconds >= before else { break }
      before = timeout.milliseconds
      timeout.grow()
    }
    #expect(timeout.milliseconds == 86_400_000)
    #expect(Moment.now + timeout.milliseconds > Moment.now)
  }
}
