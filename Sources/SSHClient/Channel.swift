internal import CLibSSH2
internal import Relay
internal import SystemIO

/// The streams of a channel, by libssh2's numbers (RFC 4254 §5.2).
enum ChannelStream: Int32 {
  case output = 0
  case error = 1
}

/// A channel, shared by those who read from it and who write to it.
final class Channel {
  private let handle: ChannelHandle
  private var wantsEnd = false
  /// How much libssh2 had taken from the socket when each stream was last told to wait.
  private var stalls: [ChannelStream: Int] = [:]
  private var writeStall: Int?
  /// What libssh2 said when it could not go on.
  private var fault: String?

  var connection: Connection { handle.connection }
  private var transport: Transport { handle.connection.transport }

  init(_ handle: consuming ChannelHandle) {
    self.handle = handle
  }

  /// Whether a stream that waits for the socket should look again first: another stream may have
  /// taken from the socket what it waits for.
  var isWorthAnotherLook: Bool {
    let consumed = transport.consumed
    return stalls.values.contains { $0 != consumed } || (writeStall ?? consumed) != consumed
  }

  func read(_ stream: ChannelStream, into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    let target = buffer.baseAddress?.assumingMemoryBound(to: CChar.self)
    let count = repeating {
      libssh2_channel_read_ex(handle.pointer, stream.rawValue, target, buffer.count)
    }
    stalls[stream] = nil
    if count > 0 { return .bytes(count) }
    if count == 0 { return .ended }
    guard count == LIBSSH2_ERROR_EAGAIN else { return .failed(broken("read from the server")) }
    if let end = transport.end { return .failed(end) }
    stalls[stream] = transport.consumed
    return .blocked(connection.awaited)
  }

  func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    let source = bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
    writeStall = nil
    transport.flush()
    var done = 0
    while !transport.hasUnsent, done < bytes.count {
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
    if done > 0 { return .bytes(done) }
    if transport.end != nil { return .ended }
    writeStall = transport.consumed
    return .blocked(connection.awaited)
  }

  /// Says that nothing more comes from here.
  func finish() {
    wantsEnd = true
    settle()
  }

  /// Whether the server has closed the channel; it says everything else before that.
  func closing() -> LaneStep {
    let result = repeating { Int(libssh2_channel_wait_closed(handle.pointer)) }
    if result == 0 { return .ended }
    guard result == LIBSSH2_ERROR_EAGAIN else {
      return .broken(broken("wait for the command's end"))
    }
    if let end = transport.end { return .broken(end) }
    stalls[.output] = transport.consumed
    return .blocked(connection.awaited)
  }

  /// How the command ended, once the channel is closed.
  var exitStatus: Int32 {
    var name: UnsafeMutablePointer<CChar>?
    var length = 0
    libssh2_channel_get_exit_signal(handle.pointer, &name, &length, nil, nil, nil, nil)
    if let name {
      defer { libssh2_free(connection.pointer, name) }
      let bytes = UnsafeRawBufferPointer(start: name, count: length)
      return ExitSignal.status(String(decoding: bytes, as: UTF8.self))
    }
    return libssh2_channel_get_exit_status(handle.pointer)
  }

  /// What broke: the connection, or a descriptor of ours.
  func failure(after error: SystemError) -> Failure {
    guard let reason = fault ?? transport.end?.reason else { return error.failure }
    return Failure(.unreachable, "the connection broke: \(reason)", hint: "run it again")
  }

  /// Calls libssh2, and again when it stopped for having taken its portion from the socket.
  private func repeating(_ call: () -> Int) -> Int {
    while true {
      settle()
      transport.allowPortion()
      let result = call()
      transport.flush()
      guard result == LIBSSH2_ERROR_EAGAIN, transport.hasMore else { return result }
    }
  }

  /// Sends what waits to be sent; the end of input too, which has to be repeated while keys are
  /// exchanged anew.
  private func settle() {
    transport.flush()
    if wantsEnd, libssh2_channel_send_eof(handle.pointer) != LIBSSH2_ERROR_EAGAIN {
      wantsEnd = false
      transport.flush()
    }
  }

  private func broken(_ operation: String) -> SystemError {
    fault = connection.lastError
    return SystemError(operation, number: EPROTO)
  }
}
