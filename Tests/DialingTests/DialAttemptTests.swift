import Dialing
import SystemIO
import TestSupport
import Testing

/// Happy Eyeballs on loopback.
@Suite struct DialAttemptTests {
  private let caller = HangUpMonitor.nobody

  private func address(_ host: String, _ port: UInt16) throws -> SocketAddress {
    try #require(SocketAddress(host: host, port: port))
  }

  private func option(_ socket: borrowing Descriptor, _ level: Int32, _ name: Int32) -> Int32 {
    var value: Int32 = -1
    var length = socklen_t(MemoryLayout<Int32>.size)
    getsockopt(socket.number, level, name, &value, &length)
    return value
  }

  @Test func connectedSocketIsReady() throws {
    let listener = try LoopbackListener()
    let destination = DialDestination([try address("127.0.0.1", listener.port)])
    let socket = try DialAttempt(to: destination, until: .now + 5000).connect(caller: caller)
    #expect(option(socket, Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
    #expect(option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1)
    #expect(fcntl(socket.number, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(socket.number, F_GETFD) & FD_CLOEXEC != 0)
    _ = try listener.accept()
  }

  /// ::1 refuses; 127.0.0.1 is not kept waiting for the attempt delay.
  @Test(.timed) func refusalLeadsToTheNextAtOnce() throws {
    let listener = try LoopbackListener()
    let destination = DialDestination([
      try address("::1", listener.port), try address("127.0.0.1", listener.port),
    ])
    let (socket, time) = try seconds {
      try DialAttempt(to: destination, until: .now + 5000).connect(caller: caller).release()
    }
    close(socket)
    try expectTime(time, within: 0.2)
    #expect(listener.hasVisitor(within: 1000))
  }

  /// An address that swallows everything (a listener whose queue is full) does not hold up the
  /// next one for longer than the attempt delay.
  @Test(.timed) func silenceLeadsToTheNextSoon() throws {
    let deaf = try DeafListener()
    let listener = try LoopbackListener()
    let destination = DialDestination([
      try address("127.0.0.1", deaf.port), try address("127.0.0.1", listener.port),
    ])
    let (socket, time) = try seconds {
      try DialAttempt(to: destination, until: .now + 10_000).connect(caller: caller).release()
    }
    close(socket)
    #expect(time >= 0.2)
    try expectTime(time, within: 2)
    #expect(listener.hasVisitor(within: 1000))
  }

  @Test func everybodyRefuses() throws {
    let port = try RefusingPort()
    let destination = DialDestination([
      try address("127.0.0.1", port.number), try address("::1", port.number),
    ])
    let error = #expect(throws: Failure.self) {
      try DialAttempt(to: destination, until: .now + 5000).connect(caller: caller).release()
    }
    #expect(error?.kind == .temporary)
    #expect(error?.cause == .system(ECONNREFUSED))
    withExtendedLifetime(port) {}
  }

  @Test(.timed) func deadline() throws {
    let deaf = try DeafListener()
    let destination = DialDestination([try address("127.0.0.1", deaf.port)])
    let (error, time) = seconds {
      #expect(throws: Failure.self) {
        try DialAttempt(to: destination, until: .now + 100).connect(caller: caller).release()
      }
    }
    try expectTime(time, within: 2)
    #expect(error?.cause == .system(ETIMEDOUT))
  }

  /// What is said first has the same end: whoever does not read it holds nobody up.
  @Test(.timed) func aPreambleThatNobodyReads() throws {
    let listener = try LoopbackListener()
    let preamble = [UInt8](repeating: 0, count: 64 << 20)
    let destination = DialDestination(
      [try address("127.0.0.1", listener.port)], preamble: preamble)
    let (error, time) = seconds {
      #expect(throws: Failure.self) {
        try DialAttempt(to: destination, until: .now + 300).connect(caller: caller).release()
      }
    }
    try expectTime(time, within: 3)
    #expect(error?.cause == .system(ETIMEDOUT))
  }

  @Test func calledOff() throws {
    let deaf = try DeafListener()
    let output = try Pipe().intoWriting()
    let destination = DialDestination([try address("127.0.0.1", deaf.port)])
    let error = #expect(throws: Failure.self) {
      try DialAttempt(to: destination, until: .now + 5000).connect(
        caller: HangUpMonitor(output: output.number)
      ).release()
    }
    #expect(error?.kind == .cancelled)
  }

  @Test func noAddresses() {
    let destination = DialDestination([])
    #expect(throws: Failure.self) {
      try DialAttempt(to: destination, until: .now + 5000).connect(caller: caller).release()
    }
  }
}
