import Foundation
import SSHClient
import Synchronization
import SystemIO
import TestSupport
import Testing

/// Servers that never come to an end: in each phase the deadline and the caller's end count.
@Suite(.timed) struct FloodTests {
  /// What the server sends without end.
  enum Flood: String, CaseIterable {
    case lines
    case longLine
    /// Ignored messages instead of a key exchange (RFC 4253 §11.2).
    case messages
    /// Global requests that want to be answered (RFC 4254 §4), before any key exchange.
    case requests

    var start: [UInt8] {
      [.messages, .requests].contains(self) ? Array("SSH-2.0-flood\r\n".utf8) : []
    }

    var portion: [UInt8] {
      switch self {
      case .lines: [UInt8](Array(repeating: Array("x\n".utf8), count: 8192).joined())
      case .longLine: [UInt8](repeating: 0x78, count: 16_384)
      case .messages:
        [UInt8](
          Array(repeating: [0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6], count: 1024).joined())
      case .requests:
        [UInt8](
          Array(repeating: [0, 0, 0, 12, 5, 80, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6], count: 1024).joined()
        )
      }
    }
  }

  /// A server on a thread of its own, which floods whoever connects until that ends.
  private func server(_ flood: Flood) throws -> SocketAddress {
    let listener = try LoopbackListener()
    Thread.detachNewThread {
      guard let peer = try? listener.accept() else { return }
      try? peer.send(flood.start)
      while (try? peer.send(flood.portion)) != nil {}
    }
    return try #require(SocketAddress(host: "127.0.0.1", port: listener.port))
  }

  private func handshake(
    _ address: SocketAddress, within milliseconds: Int, caller: HangUpMonitor = Client.caller
  ) throws {
    _ = try SSHSession(
      over: try Client.dial(address), peer: address, proof: Client.credulous,
      until: .now + milliseconds, caller: caller)
  }

  @Test(arguments: [Flood.lines, .longLine])
  func floodBeforeTheVersionEndsAtItsBound(_ flood: Flood) throws {
    let address = try server(flood)
    let (found, time) = seconds { failure { try handshake(address, within: 60_000) } }
    try expectTime(time, within: 3)
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message.contains("before its SSH version") == true)
  }

  /// libssh2 answers each, and the server, or whoever is in between, reads none: before anybody has proved who it
  /// is, and while a command runs.
  @Test func answersThatNobodyReadsAreBounded() throws {
    let address = try server(.requests)
    let before = failure { try handshake(address, within: 60_000) }
    let hostile = try HostileServer()
    let after = failure { _ = try hostile.run("unread", until: .now + 60_000) }
    for found in [before, after] {
      #expect(found?.kind == .invalidResponse, "\(found as Any)")
      #expect(found?.message.contains("read them: 1 MiB") == true, "\(found as Any)")
    }
  }

  @Test func deadlineInAFloodOfMessages() throws {
    let address = try server(.messages)
    let (found, time) = seconds { failure { try handshake(address, within: 700) } }
    try expectTime(time, within: 3)
    #expect(found?.kind == .temporary)
    #expect(time >= 0.6)
  }

  @Test func callerGoneInAFloodOfMessages() throws {
    let address = try server(.messages)
    let (found, time) = try goneSoon { caller in
      try handshake(address, within: 60_000, caller: caller)
    }
    try expectTime(time, within: 3)
    #expect(found?.kind == .cancelled)
  }

  @Test func linesBeforeTheVersionAreAllowed() throws {
    let listener = try LoopbackListener()
    let address = try #require(SocketAddress(host: "127.0.0.1", port: listener.port))
    Thread.detachNewThread {
      guard let peer = try? listener.accept() else { return }
      try? peer.send(String(repeating: "welcome\r\n", count: 1000) + "SSH-2.0-polite\r\n")
      // Its version is known when ours has come with the first message of the key exchange.
      _ = try? peer.receive(200)
      // An end, and no reset for what was not read.
      peer.finish()
      _ = try? peer.receiveToEnd()
    }
    let found = failure { try handshake(address, within: 60_000) }
    #expect(
      found?.kind == .temporary && found?.message.contains("hung up") == true, "\(found as Any)")
  }

  @Test func deadlineInAFloodInsteadOfALogin() throws {
    let server = try HostileServer()
    let (found, time) = seconds {
      failure { _ = try server.login(as: "ignore", until: .now + 1500) }
    }
    try expectTime(time, within: 4)
    #expect(found?.kind == .temporary)
  }

  /// The two places after the login: while the command is started, and while it runs.
  @Test func callerGoneInAFloodDuringACommand() throws {
    let server = try HostileServer()
    let (found, time) = try goneSoon { caller in
      _ = try server.run("ignore", caller: caller)
    }
    try expectTime(time, within: 4)
    #expect(found?.kind == .cancelled)
  }

  /// Runs `work` with a caller that ends after a while.
  private func goneSoon(_ work: (HangUpMonitor) throws -> Void) throws -> (Failure?, Double) {
    signal(SIGPIPE, SIG_IGN)
    let pipe = try SystemIO.Pipe()
    let held = try pipe.writing.duplicated().release()
    let lifeline = pipe.intoReading()
    Thread.detachNewThread {
      usleep(1_000_000)
      close(held)
    }
    return seconds { failure { try work(HangUpMonitor(output: -1, lifeline: lifeline.number)) } }
  }
}

/// What a server can say about a command's end, and what it can make us keep.
@Suite(.timed) struct HostileServerTests {
  @Test(arguments: [
    ("status 0", 0), ("status 7", 7), ("status 255", 255), ("status 256", 255), ("status 263", 7),
    ("status 4294967040", 255), ("status 4294967295", 255), ("signal TERM", 143),
    ("signal x@y", 255),
  ])
  func statusThatCameCounts(command: String, status: Int32) throws {
    #expect(try HostileServer().run(command) == status)
  }

  @Test(arguments: ["nothing", "number"])
  func statusThatNeverCameIsAFailure(_ command: String) throws {
    let server = try HostileServer()
    let found = failure { _ = try server.run(command) }
    #expect(found?.kind == .unreachable)
    #expect(found?.message.contains("without an exit status") == true)
  }

  /// Service requests, and what only a login has; each large, and each small.
  @Test(arguments: [192, 52, 53, 60], [30_000, 1000])
  func messagesThatNobodyAskedForAreBounded(type: Int, length: Int) throws {
    let server = try HostileServer()
    let found = failure { _ = try server.run("queue \(type) \(length)") }
    #expect(found?.kind == .invalidResponse, "\(found as Any)")
    #expect(found?.message.contains("192 MiB") == true)
  }

  /// The same for a channel that is refused, which libssh2 frees within the call that was to open it.
  @Test func messagesForAChannelThatIsRefusedAreFew() throws {
    let server = try HostileServer()
    let (found, time) = seconds {
      failure { _ = try server.run("status 0", as: "refused", until: .now + 20_000) }
    }
    try expectTime(time, within: 30)
    #expect(found?.kind == .invalidResponse, "\(found as Any)")
    #expect(found?.message.contains("libssh2 holds 2 MiB") == true)
  }

  /// libssh2 would look through all of them for each one that it frees, which takes hours for as many as it may hold.
  @Test func messagesThatNobodyReadsDoNotKeepTheEndWaiting() throws {
    let server = try HostileServer()
    let output = try SystemIO.Pipe()
    let lifeline = try SystemIO.Pipe()
    let held = try lifeline.writing.duplicated().release()
    let reading = try output.reading.duplicated().release()
    let sent = Mutex<Moment?>(nil)
    let watched = lifeline.intoReading()
    Thread.detachNewThread {
      var byte: UInt8 = 0
      _ = SystemIO.read(reading, &byte, 1)
      sent.withLock { $0 = .now }
      close(held)
    }
    let found = failure {
      _ = try server.run(
        "extended 120000", output: output.writing.number,
        caller: HangUpMonitor(output: -1, lifeline: watched.number))
    }
    let end = Moment.now
    #expect(found?.kind == .cancelled)
    let time = try #require(sent.withLock { $0 }.map { end - $0 })
    try expectTime(Double(time) / 1000, within: 3)
  }

  /// A few dozen of what scripts/fuzz tries by the thousand.
  @Test func randomMessagesEndInAStatusOrAFailure() throws {
    let server = try HostileServer()
    for seed in 0..<24 {
      do {
        let status = try server.run("fuzz \(seed)", until: .now + 5000)
        #expect((0...255).contains(status & 0xff))
      } catch let failure as Failure {
        #expect(failure.kind != .internalError, "seed \(seed): \(failure)")
      }
      let found = failure {
        _ = try server.run("nothing", as: "fuzz-\(seed)", until: .now + 5000)
      }
      #expect(found != nil && found?.kind != .internalError, "seed \(seed): \(found as Any)")
    }
  }
}
