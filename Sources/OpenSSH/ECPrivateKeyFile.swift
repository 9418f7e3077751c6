public import SystemIO

/// ECDSA keys in PEM by RFC 5915: libssh2 1.10 leaks memory when it reads OpenSSH's own form.
extension KeyPair {
  private static var header: String { "-----BEGIN EC PRIVATE KEY-----\n" }
  private static var footer: String { "-----END EC PRIVATE KEY-----\n" }

  /// Calls `body` with the text of the private key file in the form that libssh2 reads without
  /// a leak: RFC 5915 for P-256, OpenSSH's own for Ed25519. The memory is wiped when `body` returns.
  public borrowing func withPlainKeyFile<R>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
  ) throws(Failure) -> R {
    guard type == .ecdsaP256 else { return try withPrivateKeyFile(body) }
    var binary = SecretBytes()
    // SEQUENCE of 119 bytes: version 1, the scalar as OCTET STRING of 32.
    binary.append([0x30, 0x77, 0x02, 0x01, 0x01, 0x04, 0x20])
    binary.append(secret.bytes)
    // [0] the curve prime256v1 as OBJECT IDENTIFIER; [1] the point as BIT STRING of 66.
    binary.append([0xa0, 0x0a, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07])
    binary.append([0xa1, 0x44, 0x03, 0x42, 0x00])
    binary.append(publicKey.blob.suffix(65))

    let text = binary.encoded(between: Self.header, and: Self.footer, lineLength: 64)
    return try body(text.bytes)
  }
}
