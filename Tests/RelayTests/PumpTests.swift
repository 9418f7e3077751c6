import Relay
import SystemIO
import Testing

/// The pump between fakes: up's descriptors are 10 and 11, down's 20 and 21.
@Suite struct PumpTests {
  private func run(
    _ up: Script, _ down: Script, _ poller: inout FakePoller, prefix: String = "",
    capacity: Int = 64
  ) throws(Failure) -> PumpEnd {
    var pump = Pump(
      up: up.direction(prefix: prefix, capacity: capacity), down: down.direction(capacity: capacity)
    )
    return try pump.run(&poller)
  }

  @Test func endOfInputHalfClosesAndTheServerGoesOn() throws {
    let up = Script(10, reads: [.gives("question"), .ends])
    let down = Script(20, reads: [.blocks, .gives("ans"), .blocks, .gives("wer"), .ends])
    var poller = FakePoller(turns: [[20], [20]])
    #expect(try run(up, down, &poller) == .ended)
    #expect(up.text == "question")
    #expect(up.finishes == 1)
    #expect(down.text == "answer")
    #expect(down.finishes == 1)
    // The upper side is over, so nothing waits for it any more.
    #expect(poller.asked == [[20], [20]])
  }

  @Test func endOfOutputEndsItWithInputStillOpen() throws {
    let up = Script(10, reads: [.blocks])
    let down = Script(20, reads: [.gives("last words"), .ends])
    var poller = FakePoller()
    #expect(try run(up, down, &poller) == .ended)
    #expect(down.text == "last words")
    #expect(down.finishes == 1)
    #expect(up.finishes == 0)
  }

  @Test func nothingIsLostInPartialWrites() throws {
    let up = Script(10, reads: [.blocks])
    let down = Script(
      20, reads: [.gives("0123456789"), .gives("abc"), .ends],
      writes: [.takes(3), .blocks, .takes(1), .blocks, .takes(100), .takes(2), .takes(1)])
    var poller = FakePoller(turns: [[21], [21]])
    #expect(try run(up, down, &poller) == .ended)
    #expect(down.text == "0123456789abc")
    #expect(poller.asked == [[21, 10], [21, 10]])
  }

  @Test func aFullSinkStopsItsSource() throws {
    let up = Script(10, reads: [.blocks, .ends])
    let down = Script(
      20, reads: [.gives("0123456789"), .ends], writes: [.blocks, .blocks, .blocks])
    var poller = FakePoller(turns: [[21], [21], [21]])
    #expect(try run(up, down, &poller, capacity: 4) == .ended)
    #expect(down.text == "0123456789")
    // Blocked three times over, it was read from for the first bytes alone.
    #expect(poller.asked.count == 3)
  }

  @Test func emptyWritesDoNotSpin() throws {
    let up = Script(10, reads: [.blocks])
    let down = Script(20, reads: [.gives("ab"), .ends], writes: [.takes(0), .takes(0), .takes(2)])
    var poller = FakePoller()
    #expect(try run(up, down, &poller) == .ended)
    #expect(down.text == "ab")
  }

  @Test func aReaderThatIsGoneEndsIt() throws {
    let up = Script(10, reads: [.blocks])
    let down = Script(20, reads: [.gives("x")], writes: [.closed])
    var poller = FakePoller()
    #expect(try run(up, down, &poller) == .readerGone)
    #expect(down.text == "")
  }

  @Test func aServerThatReadsNoMoreMayStillSpeak() throws {
    let up = Script(10, reads: [.gives("ignored")], writes: [.closed])
    let down = Script(20, reads: [.blocks, .gives("why"), .ends])
    var poller = FakePoller(turns: [[20]])
    #expect(try run(up, down, &poller) == .ended)
    #expect(down.text == "why")
    #expect(poller.asked == [[20]])
  }

  @Test(arguments: [ECONNRESET, ETIMEDOUT])
  func aResetIsSaidAfterWhatCameBefore(_ number: Int32) throws {
    let up = Script(10, reads: [.blocks])
    let down = Script(20, reads: [.gives("half"), .breaks(number)])
    var poller = FakePoller()
    #expect(try run(up, down, &poller) == .broken(Failure("read", number: number)))
    #expect(down.text == "half")
  }

  /// The server is told of an end, and goes on; what it missed is said when it is done.
  @Test func brokenInputIsSaidAtTheEnd() throws {
    let up = Script(10, reads: [.gives("a"), .breaks(EIO)])
    let down = Script(20, reads: [.blocks, .gives("b"), .ends])
    var poller = FakePoller(turns: [[20]])
    #expect(try run(up, down, &poller) == .broken(Failure("read", number: EIO)))
    #expect(up.finishes == 1)
    #expect(down.text == "b")
  }

  @Test func prefixComesFirstAndOnce() throws {
    let up = Script(10, reads: [.gives("input"), .ends], writes: [.takes(4), .blocks, .takes(5)])
    let down = Script(20, reads: [.blocks, .ends])
    var poller = FakePoller(turns: [[11], [20]])
    #expect(try run(up, down, &poller, prefix: "PREFIX\n") == .ended)
    #expect(up.text == "PREFIX\ninput")
  }

  @Test func prefixLargerThanTheBuffer() throws {
    let prefix = String(repeating: "p", count: 1000)
    let up = Script(10, reads: [.ends])
    let down = Script(20, reads: [.blocks, .ends])
    var poller = FakePoller(turns: [[20]])
    #expect(try run(up, down, &poller, prefix: prefix, capacity: 8) == .ended)
    #expect(up.text == prefix)
  }

  @Test func stopsWhileBothAreBlocked() throws {
    let up = Script(10, reads: [.blocks])
    let down = Script(20, reads: [.gives("stuck")], writes: [.blocks])
    var poller = FakePoller()
    poller.goneAfter = 0
    #expect(throws: FakePoller.gone) { try run(up, down, &poller) }
    #expect(down.finishes == 0)
  }

  /// A stream that never blocks still lets the caller's end be seen.
  @Test func stopsInTheMiddleOfAFlood() throws {
    let up = Script(10, reads: [.blocks])
    let down = Script(20, reads: [])
    down.endless = Array("flood".utf8)
    var poller = FakePoller()
    poller.goneAfter = 100
    #expect(throws: FakePoller.gone) { try run(up, down, &poller) }
    #expect(poller.looks == 100)
  }

  @Test func aFloodDownDoesNotStarveUp() throws {
    let up = Script(10, reads: [.blocks, .gives("hear me"), .ends])
    let down = Script(20, reads: Array(repeating: .gives("flood"), count: 100) + [.ends])
    var poller = FakePoller(always: [10])
    #expect(try run(up, down, &poller) == .ended)
    #expect(up.text == "hear me")
    #expect(up.finishes == 1)
  }

  @Test func aFloodUpDoesNotStarveDown() throws {
    let up = Script(10, reads: [])
    up.endless = Array("flood".utf8)
    let down = Script(20, reads: [.blocks, .gives("hear me"), .ends])
    var poller = FakePoller(always: [20])
    #expect(try run(up, down, &poller) == .ended)
    #expect(down.text == "hear me")
  }

  @Test func twoFloodsAdvanceAlike() throws {
    let up = Script(10, reads: [])
    up.endless = Array("u".utf8)
    let down = Script(20, reads: Array(repeating: .gives("d"), count: 1000) + [.ends])
    var poller = FakePoller()
    #expect(try run(up, down, &poller) == .ended)
    #expect(down.delivered.count == 1000)
    #expect((990...1010).contains(up.delivered.count))
  }
}
