internal import CLibSSH2
public import OpenSSH
public import SystemIO

extension SSHSession {
  /// Logs in with a session's own key, which libssh2 reads from memory.
  /// - Parameter certificate: a certificate for the key, `algorithm base64`.
  /// - Throws: `.denied` when the server refuses the key, and what `init` throws.
  public borrowing func logIn(
    as login: String, key: borrowing KeyPair, certificate: String?
  ) throws(Failure) {
    let step = "log in as \(login.sanitized(limit: 80))"
    let (connection, deadline, caller) = (connection, deadline, caller)
    let line = Array((certificate ?? key.publicKey.line).utf8CString)
    let result = try key.withPlainKeyFile { (file) throws(Failure) in
      let text = terminated(file)
      return try connection.complete(step, until: deadline, caller: caller) { session in
        libssh2_userauth_publickey_frommemory(
          session, login, login.utf8.count, line, line.count - 1, start(of: text), file.count, nil)
      }
    }
    guard result != 0 else { return }
    throw Failure(
      .denied, step: step,
      "the server refuses the session's \(certificate == nil ? "key" : "certificate")"
        + " (\(connection.lastError))",
      hint: "the session may have ended early: `sshproxy close` it and run it again")
  }

  /// Logs in by the login name alone, by the method `none` (RFC 4252, section 5.2). The name is a secret:
  /// no error has it.
  /// - Throws: `.denied` when the server wants more, and what `init` throws.
  public borrowing func logInWithoutKey(as login: String) throws(Failure) {
    let step = "log in without a key"
    let count = UInt32(clamping: login.utf8.count)
    let result = try connection.complete(step, until: deadline, caller: caller) { session in
      // libssh2 has no other call that asks for `none`: where the server grants it there is no list.
      let methods = libssh2_userauth_list(session, login, count)
      if methods == nil, libssh2_userauth_authenticated(session) != 0 { return 0 }
      let error = libssh2_session_last_errno(session)
      return methods == nil && error != 0 ? error : LIBSSH2_ERROR_AUTHENTICATION_FAILED
    }
    guard result != 0 else { return }
    throw Failure(
      .denied, step: step, "the server does not take the session's login any more",
      hint: "the session may have ended early: `sshproxy close` it and run it again")
  }

  /// Logs in with the first of the user's own keys that the server accepts, in ssh's order: those of the files
  /// that the agent has, the agent's others, and the files. A server hangs up after a few
  /// (MaxAuthTries, sshd_config(5)). An encrypted file works only through the agent.
  /// - Parameters:
  ///   - identityFiles: absolute paths; what is missing, or no file that can hold a key, is skipped.
  ///   - identitiesOnly: whether the agent's others are left out (`IdentitiesOnly`, ssh_config(5)).
  ///   - agent: the path of the agent's socket (`SSH_AUTH_SOCK`), if there is one.
  /// - Throws: `.denied` when the server accepts none, and what `init` throws.
  public borrowing func logIn(
    as login: String, identityFiles: [String], identitiesOnly: Bool = false, agent: String?
  ) throws(Failure) {
    let step = "log in as \(login.sanitized(limit: 80))"
    if let agent {
      let named = Set(identityFiles.compactMap { IdentityFile.publicKey(of: $0)?.blob })
      var agent = Agent(connection, at: agent)
      for isNamed in identitiesOnly ? [true] : [true, false] {
        agent.rewind()
        while agent.advance() {
          guard named.contains(agent.blob) == isNamed else { continue }
          let result = try connection.complete(step, until: deadline, caller: caller) { _ in
            agent.logIn(as: login)
          }
          if result == 0 { return }
        }
      }
    }
    var tried: [String] = []
    for file in identityFiles {
      guard var bytes = IdentityFile.read(file) else { continue }
      defer { bytes.wipe() }
      let text = terminated(bytes)
      let count = bytes.count
      let result = try connection.complete(step, until: deadline, caller: caller) { session in
        libssh2_userauth_publickey_frommemory(
          session, login, login.utf8.count, nil, 0, start(of: text), count, nil)
      }
      if result == 0 { return }
      tried.append("\(file.sanitized()): \(connection.lastError)")
    }
    let found = tried.isEmpty ? "the agent has none, and there is no identity file" : ""
    throw Failure(
      .denied, step: step,
      "the server takes none of your keys (\(found)\(tried.joined(separator: "; ")))",
      hint: "add the right key to the agent: `ssh-add FILE`")
  }
}

/// A copy with a NUL at its end: libssh2 is given the length, but calls strlen(3) all the same.
private func terminated(_ secret: some Collection<UInt8>) -> SecretBytes {
  var copy = SecretBytes(capacity: secret.count + 1)
  copy.append(secret)
  copy.append(0)
  return copy
}

private func start(of text: borrowing SecretBytes) -> UnsafePointer<CChar>? {
  text.bytes.baseAddress?.assumingMemoryBound(to: CChar.self)
}

/// A key file of the user's, and the public one beside it. libssh2 would read whatever stands there: a FIFO, or
/// a file without end.
private enum IdentityFile {
  /// - Returns: `nil` for anything but a readable regular file of at most 64 KiB.
  static func read(_ path: String) -> [UInt8]? {
    guard
      let file = try? Descriptor.openToRead(path),
      DescriptorKind(of: file.number) == .regularFile,
      let bytes = try? file.readAll(limit: UserKeyFile.largest), !bytes.isEmpty
    else { return nil }
    return bytes
  }

  /// The public key of a file, as ssh finds it: in the file beside it, in the file itself where that is one, or in
  /// the head of a private key.
  static func publicKey(of path: String) -> PublicKey? {
    if let key = read("\(path).pub").flatMap(inLine) { return key }
    guard var bytes = read(path) else { return nil }
    defer { bytes.wipe() }
    return inLine(bytes) ?? PublicKey(ofPrivateKeyFile: bytes)
  }

  private static func inLine(_ bytes: [UInt8]) -> PublicKey? {
    try? PublicKey(line: String(decoding: bytes, as: UTF8.self))
  }
}

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

  /// Goes back before the first key.
  mutating func rewind() { identity = nil }

  /// Moves to the next key.
  /// - Returns: `false` when there is none.
  mutating func advance() -> Bool {
    var next: UnsafeMutablePointer<libssh2_agent_publickey>?
    guard isReady, libssh2_agent_get_identity(pointer, &next, identity) == 0 else { return false }
    identity = next
    return true
  }

  /// The current key as it is on the wire.
  var blob: [UInt8] {
    guard let key = identity?.pointee, let bytes = key.blob else { return [] }
    return Array(UnsafeBufferPointer(start: bytes, count: key.blob_len))
  }

  /// Tries to log in with the current key; to be repeated on LIBSSH2_ERROR_EAGAIN.
  func logIn(as login: String) -> Int32 {
    libssh2_agent_userauth(pointer, login, identity)
  }
}
