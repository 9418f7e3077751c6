internal import COpenSSL
public import SystemIO

/// The kinds of key pair that a session can have.
public enum KeyType: String, Sendable {
  case ed25519
  /// What libssh2 1.10 needs wherever a certificate is involved.
  case ecdsaP256 = "ecdsa-p256"
}

/// A session's own key pair. The private half lies in memory that is wiped at the end.
public struct KeyPair: ~Copyable {
  public let type: KeyType
  public let publicKey: PublicKey
  /// Ed25519: the 32 bytes of RFC 8032's seed; P-256: the 32 bytes of the scalar, big-endian.
  let secret: SecretBytes

  init(type: KeyType, publicKey: PublicKey, secret: consuming SecretBytes) {
    self.type = type
    self.publicKey = publicKey
    self.secret = secret
  }

  /// A new key pair from OpenSSL's random numbers.
  /// - Throws: `.internalError` when OpenSSL cannot make one.
  public static func generate(_ type: KeyType) throws(Failure) -> KeyPair {
    let key = try EVPKey.generate(type)
    var secret = SecretBytes(capacity: 64)
    var blob = WireWriter()
    switch type {
    case .ed25519:
      var length = 32
      var point = [UInt8](repeating: 0, count: length)
      guard secret.fill(32, { EVP_PKEY_get_raw_private_key(key.pointer, $0, &length) == 1 }),
        EVP_PKEY_get_raw_public_key(key.pointer, &point, &length) == 1
      else { throw EVPKey.internalError }
      blob.string(KeyAlgorithm.ed25519.rawValue.utf8)
      blob.string(point)
    case .ecdsaP256:
      guard secret.fill(32, { key.copyScalar(to: $0) }) else { throw EVPKey.internalError }
      blob.string(KeyAlgorithm.ecdsaP256.rawValue.utf8)
      blob.string("nistp256".utf8)
      blob.string(try key.point(size: 65))
    }
    return KeyPair(type: type, publicKey: try PublicKey(blob: blob.bytes), secret: secret)
  }
}
