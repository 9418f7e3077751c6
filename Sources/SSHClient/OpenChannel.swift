internal import CLibSSH2
internal import SystemIO

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
    return ChannelHandle(owning: opened, of: connection)
  }
}
