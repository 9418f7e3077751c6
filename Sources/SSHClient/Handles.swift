internal import CLibSSH2
internal import Synchronization
internal import SystemIO

/// libssh2's global set-up. It counts its users, but is not thread-safe by itself.
private enum Library {
  private static let lock = Mutex(())

  static func begin() -> Bool { lock.withLock { _ in libssh2_init(0) == 0 } }
  static func end() { lock.withLock { _ in libssh2_exit() } }
}

/// The one owner of a libssh2 session, which is freed with it.
struct SessionHandle: ~Copyable {
  let pointer: OpaquePointer
  private let transport: Transport

  /// - Throws: `.internalError` when libssh2 cannot be initialized.
  init(over transport: Transport) throws(Failure) {
    let fault = Failure(.internalError, step: "start an SSH session", "libssh2 cannot be set up")
    guard Library.begin() else { throw fault }
    guard let pointer = libssh2Session(over: transport) else {
      Library.end()
      throw fault
    }
    self.pointer = pointer
    self.transport = transport
    TransportCallbacks.install(in: pointer)
    libssh2_session_set_blocking(pointer, 0)
  }

  deinit {
    transport.abandon()
    // Tells the server, as far as that is possible without waiting.
    libssh2_session_disconnect_ex(pointer, SSH_DISCONNECT_BY_APPLICATION, "done", "")
    // It frees its channels first.
    if !transport.isLeft { libssh2_session_free(pointer) }
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
    // libssh2 would wait for the server to confirm the closing.
    connection.transport.abandon()
    // For each message of the channel's that it frees, libssh2 looks through all that wait: for as many as it may
    // hold that takes hours. Then they are left to the end of the process, which has only one such connection.
    guard !connection.transport.memory.holdsMany else { return connection.transport.leave() }
    libssh2_channel_free(pointer)
  }
}
