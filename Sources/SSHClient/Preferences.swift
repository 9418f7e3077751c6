internal import CLibSSH2
internal import SystemIO

/// The algorithms to negotiate, as far as the installed libssh2 supports them.
enum Preferences {
  /// Fast and sound on every version; 1.10 has no AEAD cipher.
  private static let ciphers = [
    "aes128-gcm@openssh.com", "aes256-gcm@openssh.com", "aes128-ctr", "aes256-ctr", "aes192-ctr",
  ]
  private static let macs = [
    "hmac-sha2-256", "hmac-sha2-256-etm@openssh.com", "hmac-sha2-512",
    "hmac-sha2-512-etm@openssh.com",
  ]
  private static let keyExchanges = [
    "curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384", "ecdh-sha2-nistp521", "diffie-hellman-group16-sha512",
    "diffie-hellman-group18-sha512", "diffie-hellman-group14-sha256",
  ]
  private static let hostKeys = [
    "ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "rsa-sha2-512", "rsa-sha2-256",
  ]

  /// - Parameter provable: the host key algorithms that can be verified; they come first.
  /// - Throws: `.internalError` when libssh2 supports none of one kind.
  static func set(in connection: Connection, hostKeys provable: [String]) throws(Failure) {
    // RSA keys are negotiated by the name of the signature (RFC 8332 §3).
    let first = provable.flatMap { $0 == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256"] : [$0] }
    let ordered = first + hostKeys.filter { !first.contains($0) }
    try set(LIBSSH2_METHOD_HOSTKEY, ordered, connection)
    try set(LIBSSH2_METHOD_KEX, keyExchanges, connection)
    for method in [LIBSSH2_METHOD_CRYPT_CS, LIBSSH2_METHOD_CRYPT_SC] {
      try set(method, ciphers, connection)
    }
    for method in [LIBSSH2_METHOD_MAC_CS, LIBSSH2_METHOD_MAC_SC] {
      try set(method, macs, connection)
    }
  }

  private static func set(
    _ method: Int32, _ names: [String], _ connection: Connection
  ) throws(Failure) {
    // 1.10 also skips unknown names by itself, but copies overlapping memory while it does.
    let known = supported(method, connection)
    let list = names.filter(known.contains).joined(separator: ",")
    guard !list.isEmpty,
      libssh2_session_method_pref(connection.pointer, method, list) == 0
    else { throw Failure(.internalError, step: "exchange keys", connection.lastError) }
  }

  private static func supported(_ method: Int32, _ connection: Connection) -> Set<String> {
    var names: UnsafeMutablePointer<UnsafePointer<CChar>?>?
    let count = libssh2_session_supported_algs(connection.pointer, method, &names)
    guard count > 0, let names else { return [] }
    defer { libssh2_free(connection.pointer, names) }
    return Set((0..<Int(count)).compactMap { index in names[index].map { String(cString: $0) } })
  }
}
