import SystemIO
import TestSupport
import Testing

@testable import Dialing

/// The beginning of a connection, over a socket pair and without waiting.
@Suite struct FirstByteTests {
  private func arrived(_ socket: borrowing Descriptor, _ count: Int = 1024) -> String {
    var buffer = [UInt8](repeating: 0, count: count)
    let length = buffer.withUnsafeMutableBytes { SystemTransfer.receive(socket.number, $0) }
    return String(decoding: buffer.prefix(max(0, length)), as: UTF8.self)
  }

  private func send(_ text: String, _ socket: borrowing Descriptor) {
    _ = Array(text.utf8).withUnsafeBytes { SystemTransfer.send(socket.number, $0) }
  }

  @Test func preambleIsSentAndTheFirstByteStaysUnread() throws {
    let pair = try SocketPair()
    var first = FirstByte(preamble: Array("token\n".utf8), waitsForAnswer: true, input: nil)
    #expect(try first.advance(pair.ours) == .nothingYet)
    #expect(arrived(pair.theirs) == "token\n")
    send("SSH-2.0-x", pair.theirs)
    #expect(try first.advance(pair.ours) == .answered)
    #expect(arrived(pair.ours) == "SSH-2.0-x")
  }

  @Test func whoIsKnownToAnswerIsNotWaitedFor() throws {
    let pair = try SocketPair()
    var first = FirstByte(preamble: Array("token\n".utf8), waitsForAnswer: false, input: nil)
    #expect(try first.advance(pair.ours) == .sent)
    #expect(arrived(pair.theirs) == "token\n")
  }

  /// Where no answer is read, nothing else would tell that there will be none.
  @Test func whoIsGoneIsNotWaitedForEither() throws {
    let ours = try SocketPair().intoOurs()
    var first = FirstByte(preamble: [1], waitsForAnswer: false, input: nil)
    let failure = #expect(throws: Failure.self) { try first.advance(ours) }
    #expect(failure?.number == EPIPE)
  }

  /// A socket that takes only part of the preamble gets the rest later, and nothing twice.
  @Test func preambleThatDoesNotFitIsSentInParts() throws {
    let pair = try SocketPair()
    let preamble = (0..<4_000_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
    var first = FirstByte(preamble: preamble, waitsForAnswer: false, input: nil)
    var received: [UInt8] = []
    #expect(try first.advance(pair.ours) == .nothingYet)
    #expect(first.events & Int16(POLLOUT) != 0)
    var isSent = false
    for _ in 0..<10_000 where received.count < preamble.count {
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = buffer.withUnsafeMutableBytes { SystemTransfer.receive(pair.theirs.number, $0) }
      received += buffer.prefix(max(0, count))
      if !isSent { isSent = try first.advance(pair.ours) == .sent }
    }
    #expect(received == preamble)
    #expect(isSent)
    #expect(first.unsent.isEmpty)
  }

  @Test func hangUpIsWorthAnotherTry() throws {
    let pair = try SocketPair()
    shutdown(pair.theirs.number, Int32(SHUT_WR))
    var first = FirstByte(preamble: [], waitsForAnswer: true, input: nil)
    let failure = #expect(throws: Failure.self) { try first.advance(pair.ours) }
    #expect(failure?.kind == .temporary)
    #expect(failure?.message == "the server hangs up without a word")
  }

  /// Each connection is sent ssh's bytes from the start, and at ssh's end its own.
  @Test func sshsBytesGoToEachConnection() throws {
    let input = try Pipe()
    _ = Array("hello".utf8).withUnsafeBytes { SystemTransfer.write(input.writing.number, $0) }
    let reading = input.intoReading()
    let replay = Replay(reading.number)
    replay.read()
    replay.read()
    for _ in 1...2 {
      let pair = try SocketPair()
      var first = FirstByte(preamble: [0x2a], waitsForAnswer: true, input: replay)
      #expect(try first.advance(pair.ours) == .nothingYet)
      #expect(arrived(pair.theirs) == "*hello")
      #expect(SystemTransfer.peek(pair.theirs.number) == 0)
    }
  }
}
