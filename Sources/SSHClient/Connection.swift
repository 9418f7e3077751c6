internal import CLibSSH2
internal import OpenSSH
internal import Relay
internal import SystemIO

/// A libssh2 session with its socket, shared by the `SSHSession` and its channels.
final class Connection {
  let transport: Transport
  let handle: SessionHandle
  /// How often a silent server is sent a keepalive, in milliseconds.
  private let keepaliveInterval: Int
  private var keepaliveDue: Moment

  var pointer: OpaquePointer { handle.pointer }

  init(_ transport: Transport, keepaliveInterval: Int) throws(Failure) {
    self.transport = transport
    self.keepaliveInterval = keepaliveInterval
    handle = try SessionHandle(over: transport)
    keepaliveDue = Moment.now + keepaliveInterval
    libssh2_keepalive_config(pointer, 1, 1)
  }

  /// Repeats a call of libssh2 as long as it would block.
  /// - Returns: the call's last result.
  /// - Throws: `.temporary` at the deadline or when the server hangs up, `.cancelled` when the caller is
  ///   gone, `.invalidResponse` when the server sends too much that nobody has asked for.
  func complete(
    _ step: String, until deadline: Moment, caller: HangUpMonitor, _ call: (OpaquePointer) -> Int32
  ) throws(Failure) -> Int32 {
    while true {
      transport.allowPortion()
      let result = call(pointer)
      transport.flush()
      if let excess { throw Failure(.invalidResponse, step: step, excess, hint: Self.excessHint) }
      guard result == LIBSSH2_ERROR_EAGAIN else { return result }
      // A server that always has something to say must not keep us from looking at the clock.
      guard Moment.now < deadline else {
        throw Failure(
          .temporary, step: step, "the server does not come to an end",
          hint: "run it again; the machine may still be starting")
      }
      guard !transport.hasMore else {
        try caller.check()
        continue
      }
      if let end = transport.end {
        throw Failure(
          .temporary, step: step, "the server hung up: \(end.message)",
          hint: "run it again; a server that is starting up, or has too many logins, does that")
      }
      let awaited = awaited
      var items = [pollfd(fd: awaited.descriptor, events: awaited.events, revents: 0)]
      guard try caller.wait(for: &items, until: deadline) else {
        throw Self.silence(step)
      }
    }
  }

  static func silence(_ step: String) -> Failure {
    Failure(
      .temporary, step: step, "the server does not answer",
      hint: "run it again; the machine may still be starting")
  }

  /// What the server has sent too much of, safe to be shown.
  var excess: String? {
    if transport.greeting.isTooLong {
      return "the server sends \(Greeting.mostLines) lines or \(Greeting.mostBytes >> 10) KiB"
        + " before its SSH version"
    }
    if transport.isUnread {
      return "the server asks for answers and does not read them:"
        + " \(Transport.mostUnsent >> 20) MiB of them wait"
    }
    if transport.memory.isExhausted {
      return "the server sends messages that nobody has asked for: libssh2 holds"
        + " \(transport.memory.limit >> 20) MiB of them"
    }
    return nil
  }

  static let excessHint =
    "no honest SSH server does that: look at the machine, and at who is in between"

  /// What libssh2 waits for on the socket.
  var awaited: Awaited { transport.awaited(libssh2_session_block_directions(pointer)) }

  /// libssh2's message of its last error, safe to be shown.
  var lastError: String {
    var text: UnsafeMutablePointer<CChar>?
    let number = libssh2_session_last_error(pointer, &text, nil, 0)
    let words = text.map { Failure.inSentence(String(cString: $0).sanitized()) } ?? ""
    return words.isEmpty ? "libssh2's error \(number)" : words
  }

  /// When `keepAlive` is to be called next.
  var nextKeepalive: Moment { keepaliveDue }

  /// Sends a keepalive if one is due.
  /// - Throws: `.unreachable` when the server has answered none of the last three.
  func keepAlive() throws(Failure) {
    let now = Moment.now
    guard now >= keepaliveDue else { return }
    let silence = now - transport.lastHeard
    guard silence < keepaliveInterval * Self.unanswered else {
      throw Failure(
        .unreachable, "the connection is dead: nothing was heard for \(silence / 1000) s",
        hint: "check the network and run it again")
    }
    if silence >= keepaliveInterval {
      var next: Int32 = 0
      libssh2_keepalive_send(pointer, &next)
      transport.flush()
    }
    keepaliveDue = now + keepaliveInterval
  }

  /// After this many unanswered keepalives the connection is dead.
  private static let unanswered = 3

  /// Waits until the server has sent something, and leaves it unread.
  /// - Throws: `.temporary` where it sends nothing, `.cancelled`.
  func awaitGreeting(
    _ step: String, until limit: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    var items = [pollfd(fd: awaited.descriptor, events: Int16(POLLIN), revents: 0)]
    guard try caller.wait(for: &items, until: limit) else { throw Self.silence(step) }
  }

  /// The key that the server has proved.
  /// - Throws: `.invalidResponse` where there is none, or it is no key.
  func hostKey() throws(Failure) -> PublicKey {
    var length = 0
    var kind: Int32 = 0
    guard let bytes = libssh2_session_hostkey(pointer, &length, &kind) else {
      throw Failure(.invalidResponse, step: "check the host", "the server has no host key")
    }
    let blob = UnsafeRawBufferPointer(start: bytes, count: length)
    return try PublicKey(blob: Array(blob))
  }
}
