import SystemIO
import TestSupport
import Testing

/// Happy Eyeballs on loopback.
@Suite struct DialerTests {
  private let caller = HangUpMonitor(output: -1)

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
    var dialer = Dialer([try address("127.0.0.1", listener.port)])
    let socket = try dialer.connect(until: .now + 5000, caller: caller)
    #expect(option(socket, Int32(IPPROTO_TCP), TCP_NODELAY) == 1)
    #expect(option(socket, SOL_SOCKET, SO_KEEPALIVE) == 1)
    #expect(fcntl(socket.number, F_GETFL) & O_NONBLOCK != 0)
    #expect(fcntl(socket.number, F_GETFD) & FD_CLOEXEC != 0)
    _ = try listener.accept()
  }

  /// ::1 refuses; 127.0.0.1 is not kept waiting for the attempt delay.
  @Test func refusalLeadsToTheNextAtOnce() throws {
    let listener = try LoopbackListener()
    var dialer = Dialer([
      try address("::1", listener.port), try address("127.0.0.1", listener.port),
    ])
    let (socket, time) = try seconds {
      try dialer.connect(until: .now + 5000, caller: caller).release()
    }
    close(socket)
    #expect(time < 0.2)
    #expect(listener.hasVisitor(within: 1000))
  }

  /// An address that swallows everything (a listener whose queue is full) does not hold up the
  /// next one for longer than the attempt delay.
  @Test func silenceLeadsToTheNextSoon() throws {
    let deaf = try DeafListener()
    let listener = try LoopbackListener()
    var dialer = Dialer([
      try address("127.0.0.1", deaf.port), try address("127.0.0.1", listener.port),
    ])
    let (socket, time) = try seconds {
      try dialer.connect(until: .now + 10_000, caller: caller).release()
    }
    close(socket)
    #expect((0.2...2).contains(time))
    #expect(listener.hasVisitor(within: 1000))
  }

  @Test func everybodyRefuses() throws {
    let port = try LoopbackListener().port
    var dialer = Dialer([try address("127.0.0.1", port), try address("::1", port)])
    let error = #expect(throws: DialError.self) {
      try dialer.connect(until: .now + 5000, caller: caller).release()
    }
    guard case .failed(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.number == ECONNREFUSED)
  }

  @Test func deadline() throws {
    let deaf = try DeafListener()
    var dialer = Dialer([try address("127.0.0.1", deaf.port)])
    let (error, time) = seconds {
      #expect(throws: DialError.self) {
        try dialer.connect(until: .now + 100, caller: caller).release()
      }
    }
    #expect(error == .failed(SystemError("connect", number: ETIMEDOUT)))
    #expect(time < 2)
  }

  @Test func calledOff() throws {
    let deaf = try DeafListener()
    let output = try Pipe().intoWriting()
    var dialer = Dialer([try address("127.0.0.1", deaf.port)])
    let error = #expect(throws: DialError.self) {
      try dialer.connect(until: .now + 5000, caller: HangUpMonitor(output: output.number)).release()
    }
    guard case .cancelled = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func noAddresses() {
    var dialer = Dialer([])
    #expect(throws: DialError.self) {
      try dialer.connect(until: .now + 5000, caller: caller).release()
    }
  }
}

@Suite struct SocketAddressTests {
  @Test(arguments: ["127.0.0.1", "203.0.113.7", "::1", "2001:db8::7", "::ffff:1.2.3.4"])
  func numeric(_ host: String) throws {
    let address = try #require(SocketAddress(host: host, port: 22))
    #expect(address.isIPv6 == host.contains(":"))
    #expect(address.host == host)
  }

  @Test(arguments: [
    "", "localhost", "127.1", "0x7f.0.0.1", "1.2.3.4.5", "[::1]", "fe80::1%lo", "::g",
  ])
  func notNumeric(_ host: String) {
    #expect(SocketAddress(host: host, port: 22) == nil)
  }

  @Test func portZero() {
    #expect(SocketAddress(host: "127.0.0.1", port: 0) == nil)
  }
}

@Suite struct NameLookupTests {
  private let caller = HangUpMonitor(output: -1)

  @Test func numbersNeedNoLookup() throws {
    let found = try NameLookup.addresses(
      of: "203.0.113.7", port: 22, until: .now, caller: caller)
    #expect(found == [SocketAddress(host: "203.0.113.7", port: 22)])
  }

  @Test func localhost() throws {
    let found = try NameLookup.addresses(
      of: "localhost", port: 22, until: .now + 5000, caller: caller)
    #expect(!found.isEmpty)
    #expect(found.allSatisfy { ["127.0.0.1", "::1"].contains($0.host) })
  }

  @Test func nameThatIsNowhere() {
    let failure = #expect(throws: Failure.self) {
      try NameLookup.addresses(
        of: "nothing.invalid", port: 22, until: .now + 300, caller: caller)
    }
    #expect(failure?.kind == .temporary)
    #expect(failure?.step == "look up nothing.invalid")
  }
}
