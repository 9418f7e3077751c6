internal import CLibSSH2
internal import Synchronization
internal import SystemIO

/// libssh2's own set-up, which counts its users but knows no threads.
private enum Library {
  private static let lock = Mutex(())

  static func begin() -> Bool { lock.withLock { _ in libssh2_init(0) == 0 } }
  static func end() { lock.withLock { _ in libssh2_exit() } }
}

/// The one owner of a libssh2 session, which is freed with it.
struct SessionHandle: ~Copyable {
  let pointer: OpaquePointer
  private let transport: Transport

  /// - Throws: `.fault` when libssh2 has no memory or no OpenSSL.
  init(over transport: Transport) throws(Failure) {
    let fault = Failure(.fault, step: "start an SSH session", "libssh2 cannot be set up")
    guard Library.begin() else { throw fault }
    guard let pointer = libssh2_session_init_ex(nil, nil, nil, nil) else {
      Library.end()
      throw fault
    }
    self.pointer = pointer
    self.transport = transport
    TransportCallbacks.install(transport, in: pointer)
    libssh2_session_set_blocking(pointer, 0)
  }

  deinit {
    transport.abandon()
    // The server is told as far as that needs no waiting.
    libssh2_session_disconnect_ex(pointer, SSH_DISCONNECT_BY_APPLICATION, "done", "")
    libssh2_session_free(pointer)
    Library.end()
  }
}

/// The one owner of a libssh2 channel, which is freed with it. Its session is kept alive until then.
struct ChannelHandle: ~Copyable {
  let pointer: OpaquePointer
  let connection: Connection

  init(owning pointer: OpaquePointer, of connection: Connection) {
    self.pointer = pointer
    self.connection = connection
  }

  deinit {
    // Closing a channel waits for the server's answer; nobody does that here.
    connection.transport.abandon()
    libssh2_channel_free(pointer)
  }
}
