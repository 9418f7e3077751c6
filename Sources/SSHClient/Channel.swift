internal import CLibSSH2
internal import Relay
internal import SystemIO

/// The streams of a channel, by libssh2's numbers (RFC 4254 §5.2).
enum ChannelStream: Int32 {
  case output = 0
  case error = 1

  fileprivate var index: Int { Int(rawValue) }
}

/// A channel, shared by its readers and its writer.
final class Channel {
  private let handle: ChannelHandle
  /// Whether an end of input is still to be sent.
  private var wantsEnd = false
  /// `transport.consumed` at the time when each stream was last blocked, by the stream's number.
  private var stalls: [Int?] = [nil, nil]
  private var writeStall: Int?
  /// Whether the last call left input behind that libssh2 has not looked at.
  private var hasMoreInput = false
  /// libssh2's message of the error that broke the channel.
  private var fault: String?

  var connection: Connection { handle.connection }
  private var transport: Transport { handle.connection.transport }

  init(_ handle: consuming ChannelHandle) {
    self.handle = handle
  }

  /// Whether a stream that waits for the socket should be tried again first: another stream may have
  /// read this one's data from the socket.
  var isWorthAnotherLook: Bool {
    if hasMoreInput { return true }
    let consumed = transport.consumed
    return stalls.contains { $0 ?? consumed != consumed } || (writeStall ?? consumed) != consumed
  }

  func read(_ stream: ChannelStream, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    let target = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
    let count = repeating {
      libssh2_channel_read_ex(handle.pointer, stream.rawValue, target, buffer.count)
    }
    stalls[stream.index] = nil
    if count > 0 { return .bytes(count) }
    if count == 0 { return .ended }
    guard count == LIBSSH2_ERROR_EAGAIN else { return .failed(broken("read from the server")) }
    if let end = transport.end { return .failed(end) }
    stalls[stream.index] = transport.consumed
    return .blocked(connection.awaited)
  }

  /// The most that is worth writing at once, in bytes: a few of libssh2's largest packets, which go
  /// to the socket together.
  static let writingPortion = 8 * 32_700

  func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    writeStall = nil
    transport.flush()
    // What the socket has not taken yet goes first; more would only fill our memory.
    if transport.hasUnsent { return stalledWrite() }
    return transport.gathering { writePackets(bytes) }
  }

  private func writePackets(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    let source = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    var done = 0
    while done < bytes.count {
      let count = repeating {
        libssh2_channel_write_ex(
          handle.pointer, 0, source?.advanced(by: done), bytes.count - done)
      }
      // A channel that the server has closed: it reads no more.
      if count == LIBSSH2_ERROR_CHANNEL_CLOSED { return .ended }
      if count == LIBSSH2_ERROR_EAGAIN || count == 0 { break }
      guard count > 0 else { return .failed(broken("write to the server")) }
      done += count
    }
    return done > 0 ? .bytes(done) : stalledWrite()
  }

  private func stalledWrite() -> Transfer {
    if transport.end != nil { return .ended }
    writeStall = transport.consumed
    return .blocked(connection.awaited)
  }

  /// Sends the end of input.
  func finish() {
    wantsEnd = true
    settle()
  }

  /// Whether the server has closed the channel (`.ended`), which is the last thing it does.
  func closing() -> DirectionStep {
    let result = repeating { Int(libssh2_channel_wait_closed(handle.pointer)) }
    if result == 0 { return .ended }
    guard result == LIBSSH2_ERROR_EAGAIN else {
      return .broken(broken("wait for the command's end"))
    }
    if let end = transport.end { return .broken(end) }
    stalls[ChannelStream.output.index] = transport.consumed
    return .blocked(connection.awaited)
  }

  /// How the command ended, 0 to 255, once the channel is closed; `nil` when the server has not said. Without
  /// a status, or with one that has no number, libssh2 says 0.
  var exitStatus: Int32? {
    var name: UnsafeMutablePointer<CChar>?
    var length = 0
    libssh2_channel_get_exit_signal(handle.pointer, &name, &length, nil, nil, nil, nil)
    if let name {
      defer { libssh2_free(connection.pointer, name) }
      let bytes = UnsafeRawBufferPointer(start: name, count: length)
      return ExitSignal.status(String(decoding: bytes, as: UTF8.self))
    }
    let status = libssh2_channel_get_exit_status(handle.pointer)
    guard transport.memory.exitStatus == UInt32(bitPattern: status) else { return nil }
    // Of a process's exit status only eight bits remain: 256 would come out as success.
    return status != 0 && status & 0xff == 0 ? 255 : status & 0xff
  }

  /// The failure to report after a relay broke: the connection's, or that of a descriptor of ours.
  func failure(after error: Failure) -> Failure {
    if let excess = connection.excess {
      return Failure(.invalidResponse, excess, hint: Connection.excessHint)
    }
    guard let reason = fault ?? transport.end?.message else { return error }
    return Failure(.unreachable, "the connection broke: \(reason)", hint: "run it again")
  }

  /// How often a call is repeated, before whoever waits for us is looked at again.
  private static let portions = 8

  /// Calls libssh2, and calls it again if it stopped only because its portion was used up; not for
  /// ever, because a server can go on with messages that are for no stream.
  private func repeating(_ call: () -> Int) -> Int {
    hasMoreInput = false
    for _ in 0..<Self.portions {
      settle()
      transport.allowPortion()
      let result = call()
      transport.flush()
      // libssh2 passes over an answer that could not be sent.
      guard !transport.isUnread else { return Int(LIBSSH2_ERROR_SOCKET_SEND) }
      guard result == LIBSSH2_ERROR_EAGAIN, transport.hasMore else { return result }
    }
    hasMoreInput = true
    return Int(LIBSSH2_ERROR_EAGAIN)
  }

  /// Sends what is still unsent, the end of input included. During a new key exchange that has to be
  /// repeated.
  private func settle() {
    transport.flush()
    if wantsEnd, libssh2_channel_send_eof(handle.pointer) != LIBSSH2_ERROR_EAGAIN {
      wantsEnd = false
      transport.flush()
    }
  }

  private func broken(_ operation: String) -> Failure {
    fault = connection.lastError
    return Failure(operation, number: EPROTO)
  }
}

/// The server's output on one stream of a channel.
struct ChannelSource: ByteSource {
  let channel: Channel
  let stream: ChannelStream

  mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    channel.read(stream, into: buffer)
  }
}

/// The input of a channel. `finish` half-closes it (RFC 4254 §5.3).
struct ChannelSink: ByteSink {
  let channel: Channel

  mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    channel.write(bytes)
  }

  mutating func finish() {
    channel.finish()
  }
}

extension SSHSession {
  /// Opens a channel (RFC 4254 §5.1).
  /// - Parameters:
  ///   - message: the fields specific to the channel type, in wire format.
  ///   - step: what is being done, for messages.
  /// - Throws: `.rejected` when the server refuses, and what `init` throws.
  borrowing func open(
    _ type: String, message: [UInt8], _ step: String
  ) throws(Failure) -> ChannelHandle {
    var opened: OpaquePointer?
    let result = try connection.complete(step, until: deadline, caller: caller) { session in
      opened = message.withUnsafeBytes { bytes in
        libssh2_channel_open_ex(
          session, type, UInt32(type.utf8.count), clibssh2_window_size(), clibssh2_packet_size(),
          bytes.baseAddress?.assumingMemoryBound(to: CChar.self), UInt32(bytes.count))
      }
      return opened == nil ? libssh2_session_last_errno(session) : 0
    }
    guard result == 0, let opened else {
      throw Failure(.rejected, step: step, connection.lastError)
    }
    connection.transport.memory.allowWindow()
    return ChannelHandle(owning: opened, of: connection)
  }
}

/// Waits for a channel's directions, watches the caller, and keeps the connection alive. The first wait
/// gives back the memory that only the start has used.
struct ChannelPoller: Poller {
  private let channel: Channel
  private let caller: HangUpMonitor
  private var hasWaited = false

  init(_ channel: Channel, _ caller: HangUpMonitor) {
    self.channel = channel
    self.caller = caller
  }

  /// - Throws: `.cancelled` when the caller is gone, `.unreachable` when the server answers no
  ///   keepalives.
  mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    if !hasWaited {
      // Not before the directions are set up and have been tried: that takes code which waiting does not.
      ResidentMemory.releaseStartUp()
      hasWaited = true
    }
    let connection = channel.connection
    let transport = connection.transport
    let socket = transport.socket.number
    transport.flush()
    // All streams share one socket: what a direction waits for may have been read from it already, and
    // then poll(2) would not report it. Whoever waits for us is looked at all the same.
    let isReady =
      !peek && channel.isWorthAnotherLook && awaited.contains { $0.descriptor == socket }
    var items = awaited.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    // Data that the socket has not taken yet belongs to no direction, so it has to be waited for here.
    let unsent = transport.hasUnsent ? socket : -1
    items.append(pollfd(fd: unsent, events: Int16(POLLOUT), revents: 0))
    let limit = peek || isReady ? Moment.now : connection.nextKeepalive
    _ = try caller.wait(for: &items, until: limit, beforeFirstByte: false)
    if !peek { try connection.keepAlive() }
    return items.dropLast().map { $0.revents != 0 || (isReady && $0.fd == socket) }
  }
}
