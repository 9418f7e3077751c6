internal import CLibSSH2

/// The one owner of libssh2's connection to the user's agent; steps through the agent's keys.
struct Agent: ~Copyable {
  private let pointer: OpaquePointer?
  private var identity: UnsafeMutablePointer<libssh2_agent_publickey>?
  private var isReady: Bool

  /// - Parameter path: the agent's socket. If it does not answer, there are no keys.
  init(_ connection: Connection, at path: String) {
    pointer = libssh2_agent_init(connection.pointer)
    isReady = false
    guard let pointer else { return }
    libssh2_agent_set_identity_path(pointer, path)
    isReady = libssh2_agent_connect(pointer) == 0 && libssh2_agent_list_identities(pointer) == 0
  }

  deinit {
    if let pointer { libssh2_agent_free(pointer) }
  }

  /// Moves to the next key.
  /// - Returns: `false` when there is none.
  mutating func advance() -> Bool {
    var next: UnsafeMutablePointer<libssh2_agent_publickey>?
    guard isReady, libssh2_agent_get_identity(pointer, &next, identity) == 0 else { return false }
    identity = next
    return true
  }

  /// Tries to log in with the current key; to be repeated on LIBSSH2_ERROR_EAGAIN.
  func logIn(as login: String) -> Int32 {
    libssh2_agent_userauth(pointer, login, identity)
  }
}
