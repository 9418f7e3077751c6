internal import SystemIO

/// The few encodings of X.690 in which OpenSSL takes an SSH key or signature.
enum DER {
  static func sequence(_ content: [UInt8]) -> [UInt8] { element(0x30, content) }

  /// A positive number from its magnitude.
  static func integer(_ magnitude: some Collection<UInt8>) -> [UInt8] {
    let needsZero = (magnitude.first ?? 0) >= 0x80
    return element(0x02, (needsZero ? [0] : []) + magnitude)
  }

  /// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) of a key; `nil` for a security key, whose
  /// signatures cover more than the message, so that OpenSSL cannot verify them.
  static func publicKeyInfo(_ key: PublicKey) throws(Failure) -> [UInt8]? {
    var reader = WireReader(key.blob[...], subject: "the public key")
    _ = try reader.string()
    switch key.kind {
    case .ed25519:
      // RFC 8410 §3: 1.3.101.112.
      return publicKeyInfo(object([0x2b, 0x65, 0x70]), Array(try reader.string()))
    case .ecdsaP256, .ecdsaP384, .ecdsaP521:
      _ = try reader.string()
      // RFC 5480 §2.1.1: id-ecPublicKey and the named curve.
      let curve: [UInt8] =
        switch key.kind {
        case .ecdsaP256: [0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07]
        case .ecdsaP384: [0x2b, 0x81, 0x04, 0x00, 0x22]
        default: [0x2b, 0x81, 0x04, 0x00, 0x23]
        }
      let algorithm = object([0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01]) + object(curve)
      return publicKeyInfo(algorithm, Array(try reader.string()))
    case .rsa:
      let exponent = try reader.positiveInteger()
      let modulus = try reader.positiveInteger()
      // RFC 3279 §2.3.1: rsaEncryption, NULL.
      let algorithm =
        object([0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01]) + element(0x05, [])
      return publicKeyInfo(algorithm, sequence(integer(modulus) + integer(exponent)))
    case .securityKeyEd25519, .securityKeyP256:
      return nil
    }
  }

  private static func publicKeyInfo(_ algorithm: [UInt8], _ key: [UInt8]) -> [UInt8] {
    sequence(sequence(algorithm) + element(0x03, [0] + key))
  }

  private static func object(_ identifier: [UInt8]) -> [UInt8] { element(0x06, identifier) }

  private static func element(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] {
    let count = content.count
    let length: [UInt8] =
      switch count {
      case ..<0x80: [UInt8(count)]
      case ..<0x100: [0x81, UInt8(count)]
      default: [0x82, UInt8(count >> 8 & 0xff), UInt8(count & 0xff)]
      }
    return [tag] + length + content
  }
}
