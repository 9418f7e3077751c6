internal import COpenSSL
public import SystemIO

/// The kinds of key pair that a session can have.
public enum KeyType: String, Sendable {
  /// The usual one (RFC 8709).
  case ed25519
  /// What libssh2 1.10 needs wherever a certificate is involved.
  case ecdsaP256 = "ecdsa-p256"
}

/// A session's own key pair. The private half lies in memory that is wiped at the end.
public struct KeyPair: ~Copyable {
  /// Its algorithm.
  public let type: KeyType
  /// The half that the provider is told.
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

/// The unencrypted `openssh-key-v1` form of OpenSSH's PROTOCOL.key: ssh reads it from a file, libssh2
/// from memory, for both types of key.
extension KeyPair {
  private static var header: String { "-----BEGIN OPENSSH PRIVATE KEY-----\n" }
  private static var footer: String { "-----END OPENSSH PRIVATE KEY-----\n" }
  private static var magic: [UInt8] { Array("openssh-key-v1\0".utf8) }

  /// Calls `body` with the text of the private key file. The memory is wiped when `body` returns;
  /// `body` has to wipe any copy that it makes.
  public borrowing func withPrivateKeyFile<R>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> R
  ) throws(Failure) -> R {
    var binary = SecretBytes()
    binary.append(Self.magic)
    binary.string("none".utf8)
    binary.string("none".utf8)
    binary.string([])
    binary.uint32(1)
    binary.string(publicKey.blob)
    let section = try privateSection()
    binary.string(section.bytes)

    let text = binary.encoded(between: Self.header, and: Self.footer, lineLength: 70)
    return try body(text.bytes)
  }

  private borrowing func privateSection() throws(Failure) -> SecretBytes {
    var check = [UInt8](repeating: 0, count: 4)
    guard RAND_bytes(&check, 4) == 1 else { throw EVPKey.internalError }
    var section = SecretBytes()
    section.append(check)
    section.append(check)
    section.string(publicKey.algorithm.utf8)
    switch type {
    case .ed25519:
      let point = publicKey.blob.suffix(32)
      section.string(point)
      section.uint32(64)
      section.append(secret.bytes)
      section.append(point)
    case .ecdsaP256:
      section.string("nistp256".utf8)
      section.string(publicKey.blob.suffix(65))
      let magnitude = secret.bytes.drop { $0 == 0 as UInt8 }
      let sign = (magnitude.first ?? 0) >= 0x80 ? 1 : 0
      section.uint32(magnitude.count + sign)
      if sign == 1 { section.append(0) }
      section.append(magnitude)
    }
    section.string([])
    // PROTOCOL.key §3: 1, 2, 3, … up to the cipher's block size, which is 8 for none.
    var padding: UInt8 = 1
    while section.count % 8 != 0 {
      section.append(padding)
      padding += 1
    }
    return section
  }

  /// Reads back what `withPrivateKeyFile` wrote.
  /// - Throws: `.invalidResponse` for any other text: encrypted, of another type, several keys, cut short.
  public init(privateKeyFile text: some RandomAccessCollection<UInt8>) throws(Failure) {
    let subject = "the private key file"
    let strange = Failure(
      .invalidResponse, step: "read \(subject)", "\(subject) is not an unencrypted OpenSSH key")
    guard text.count <= 4096, text.starts(with: Self.header.utf8),
      text.count > Self.header.utf8.count + Self.footer.utf8.count,
      text.suffix(Self.footer.utf8.count).elementsEqual(Self.footer.utf8)
    else { throw strange }
    let body = text.dropFirst(Self.header.utf8.count).dropLast(Self.footer.utf8.count)
    var joined = SecretBytes(capacity: text.count)
    joined.append(body.lazy.filter { $0 != "\n" })
    var binary = SecretBytes(capacity: text.count)
    guard Base64.decode(joined.bytes, to: { binary.append($0) }) else { throw strange }

    var reader = WireReader(binary.bytes[...], subject: subject)
    guard try reader.bytes(Self.magic.count).elementsEqual(Self.magic),
      try reader.text() == "none", try reader.text() == "none",
      try reader.string().isEmpty, try reader.uint32() == 1
    else { throw strange }
    let publicKey = try PublicKey(blob: Array(try reader.string()), subject: subject)
    var section = WireReader(try reader.string(), subject: subject)
    try reader.end()
    guard try section.uint32() == section.uint32(), try section.text() == publicKey.algorithm
    else { throw strange }
    try self.init(publicKey: publicKey, section: &section)
  }

  private init(
    publicKey: PublicKey, section: inout WireReader<Slice<UnsafeRawBufferPointer>>
  ) throws(Failure) {
    let different = section.malformed("holds two different keys")
    var secret = SecretBytes(capacity: 64)
    let type: KeyType
    switch publicKey.kind {
    case .ed25519:
      type = .ed25519
      let point = try section.string()
      let both = try section.string()
      guard point.elementsEqual(publicKey.blob.suffix(32)), both.count == 64,
        both.suffix(32).elementsEqual(point)
      else { throw different }
      secret.append(both.prefix(32))
    case .ecdsaP256:
      type = .ecdsaP256
      guard try section.text() == "nistp256",
        try section.string().elementsEqual(publicKey.blob.suffix(65))
      else { throw different }
      let scalar = try section.positiveInteger()
      guard scalar.count <= 32 else { throw section.malformed("has a number that is too large") }
      for _ in scalar.count..<32 { secret.append(0) }
      secret.append(scalar)
    default:
      throw section.malformed("holds a \(publicKey.algorithm) key")
    }
    _ = try section.string()
    guard section.rest.count < 8, section.rest.elementsEqual((1..<8).prefix(section.rest.count))
    else { throw section.malformed("ends in a strange way") }
    self.init(type: type, publicKey: publicKey, secret: secret)
  }
}

/// ECDSA keys in PEM by RFC 5915: libssh2 1.10 leaks memory when it reads OpenSSH's own form.
extension KeyPair {
  private static var ecHeader: String { "-----BEGIN EC PRIVATE KEY-----\n" }
  private static var ecFooter: String { "-----END EC PRIVATE KEY-----\n" }

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

    let text = binary.encoded(between: Self.ecHeader, and: Self.ecFooter, lineLength: 64)
    return try body(text.bytes)
  }
}
