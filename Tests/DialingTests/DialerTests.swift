import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Dialing

/// The dialler with real connections on loopback.
@Suite struct DialerTests {
  private let caller = HangUpMonitor.nobody

  private func dialer(
    _ listener: LoopbackListener, seconds: Int, probe: (any LivenessProbe)? = nil,
    hasAnswered: Bool = false
  ) throws -> Dialer {
    let address = try #require(SocketAddress(host: "127.0.0.1", port: listener.port))
    return Dialer(
      DialDestination([address], preamble: Array("token\n".utf8), hasAnswered: hasAnswered),
      .init(endpoint: "lab port 22", alias: "lab", seconds: seconds, isDirect: false),
      until: .now + seconds * 1000, probe: probe, caller: caller, trace: { _ in })
  }

  /// Runs the dialler on a thread of its own: the tests' threads wait for connections.
  private func dialled(_ dialer: Dialer) -> Dialled { Dialled(dialer) }

  /// The first connection says nothing and is kept; the second comes within 5 s. Whichever speaks, wins.
  @Test(.timed, arguments: [true, false])
  func silentConnectionIsKeptAndJoined(firstSpeaks: Bool) throws {
    let listener = try LoopbackListener()
    let task = dialled(try dialer(listener, seconds: 20))
    let first = try listener.accept()
    let start = Moment.now
    let second = try listener.accept()
    let time = Moment.now - start
    #expect(time >= 3000)
    try expectTime(Double(time) / 1000, within: 5)
    #expect(try first.receive(6) == "token\n")
    #expect(try second.receive(6) == "token\n")
    try (firstSpeaks ? first : second).send("SSH")
    #expect(try task.value() == "SSH")
    // The other one is given up.
    #expect(try (firstSpeaks ? second : first).receiveToEnd() == "")
  }

  /// libssh2 speaks at once. Who is silent then is waited for the next time, and spoken to after that.
  @Test(.timed) func whoHasAnsweredBeforeAndIsSilentIsJoined() throws {
    let listener = try LoopbackListener()
    let task = dialled(try dialer(listener, seconds: 20, hasAnswered: true))
    let first = try listener.accept()
    let start = Moment.now
    let second = try listener.accept()
    let joined = Moment.now - start
    #expect(joined >= 3000)
    try expectTime(Double(joined) / 1000, within: 5)
    #expect(try first.receiveToEnd() == "token\n")
    let third = try listener.accept()
    #expect(try third.receive(6) == "token\n")
    let again = Moment.now - start
    #expect(again >= 7000)
    try expectTime(Double(again) / 1000, within: 10)
    try second.send("SSH")
    #expect(try task.value() == "SSH")
    #expect(try third.receiveToEnd() == "")
  }

  @Test func whoHangsUpIsDialledAgainAtOnce() throws {
    let listener = try LoopbackListener()
    let task = dialled(try dialer(listener, seconds: 20))
    for _ in 1...3 { try listener.accept().close() }
    let last = try listener.accept()
    try last.send("SSH")
    #expect(try task.value() == "SSH")
  }

  @Test func deadlineSaysWhatWasWrong() throws {
    let listener = try LoopbackListener()
    let dialer = try dialer(listener, seconds: 2)
    let failure = #expect(throws: Failure.self) {
      try dialer.connect { (socket, _) throws(Failure) in socket }.release()
    }
    #expect(failure?.kind == .temporary)
    #expect(failure?.message == "lab port 22: the server says nothing for 2 s")
    #expect(dialer.isOver)
  }

  /// Where the connection leads to is found out beside the dialling.
  private final class Moved: LivenessProbe {
    var due: Moment? = Moment.now
    var awaited = pollfd(fd: -1, events: 0, revents: 0)
    let destination: DialDestination
    private var answer: Descriptor?
    init(_ destination: DialDestination) { self.destination = destination }
    func start() throws(Failure) -> DialDestination? {
      due = nil
      // What is at its end at once.
      let end = try Descriptor.open("/dev/null", flags: O_RDONLY)
      awaited = pollfd(fd: end.number, events: Int16(POLLIN), revents: 0)
      answer = consume end
      return nil
    }
    func finish() throws(Failure) -> DialDestination? {
      awaited.fd = -1
      answer = nil
      return destination
    }
  }

  @Test func movedEndpointIsDialledWithItsOwnPreamble() throws {
    let (old, new) = (try LoopbackListener(), try LoopbackListener())
    let address = try #require(SocketAddress(host: "127.0.0.1", port: new.port))
    let probe = Moved(DialDestination([address], preamble: Array("fresh\n".utf8)))
    let task = dialled(try dialer(old, seconds: 20, probe: probe))
    let peer = try new.accept()
    #expect(try peer.receive(6) == "fresh\n")
    try peer.send("SSH")
    #expect(try task.value() == "SSH")
  }
}

/// Unchecked, because the thread alone uses the dialler, and the outcome is read behind the semaphore.
private final class Dialled: @unchecked Sendable {
  private let dialer: Dialer
  private var outcome: Result<String, Failure>?
  private let done = DispatchSemaphore(value: 0)

  init(_ dialer: Dialer) {
    self.dialer = dialer
    Thread.detachNewThread { [self] in
      outcome = Result { () throws(Failure) in try run() }
      done.signal()
    }
  }

  private func run() throws(Failure) -> String {
    try dialer.connect { (socket, limit) throws(Failure) -> String in
      var items = [pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)]
      guard try HangUpMonitor.nobody.wait(for: &items, until: limit) else {
        throw Failure(.temporary, "nothing has come")
      }
      var buffer = [UInt8](repeating: 0, count: 64)
      let count = buffer.withUnsafeMutableBytes { SystemTransfer.receive(socket.number, $0) }
      return String(decoding: buffer.prefix(max(0, count)), as: UTF8.self)
    }
  }

  /// What the server said first.
  func value() throws -> String {
    try #require(done.wait(timeout: .now() + timeout) == .success)
    return try #require(outcome).get()
  }
}
