internal import COpenSSL
public import SystemIO

/// A public key as OpenSSH writes it (RFC 4253 §6.6, RFC 5656, RFC 8709, PROTOCOL.u2f), checked
/// to be completely well formed: nothing is missing, nothing follows.
public struct PublicKey: Hashable, Sendable {
  /// The wire format: the algorithm's name and its fields.
  public let blob: [UInt8]
  let kind: KeyAlgorithm

  /// The algorithm's name on the wire: `ssh-ed25519`.
  public var algorithm: String { kind.rawValue }

  /// `algorithm base64`, without comment and line end.
  public var line: String { "\(algorithm) \(Base64.encode(blob))" }

  /// `SHA256:` and the digest in base64 without padding, as `ssh-keygen -l` shows it.
  public var fingerprint: String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    SHA256(blob, blob.count, &digest)
    return "SHA256:" + Base64.encode(digest, padded: false)
  }

  /// - Parameter line: `algorithm base64 [comment]`, at most 16 KiB; one final line end is
  ///   accepted.
  /// - Throws: `.invalidResponse` unless it is one well-formed key of a known algorithm. RSA keys have
  ///   2048 to 16384 bits.
  public init(line: String) throws(Failure) {
    let (name, blob) = try KeyLine.parse(line, subject: "the public key")
    try self.init(blob: blob)
    guard algorithm == name else {
      throw Failure(
        .invalidResponse, step: "read the public key",
        "the public key says \(name.sanitized(limit: 60)) and holds \(algorithm)")
    }
  }

  /// - Throws: `.invalidResponse`, as `init(line:)`.
  public init(blob: [UInt8]) throws(Failure) {
    try self.init(blob: blob, subject: "the public key")
  }

  init(blob: [UInt8], subject: String) throws(Failure) {
    var reader = WireReader(blob[...], subject: subject)
    guard blob.count <= 16 * 1024 else { throw reader.malformed("is longer than 16 KiB") }
    let name = try reader.text()
    guard let kind = KeyAlgorithm(rawValue: name) else {
      throw reader.malformed("is of an unknown kind, \(name.sanitized(limit: 60))")
    }
    try kind.checkFields(&reader)
    try reader.end()
    self.kind = kind
    self.blob = blob
  }
}

extension PublicKey {
  /// The public half of a private key's file, which stands there in the clear whether the rest is encrypted or not
  /// (OpenSSH's PROTOCOL.key).
  /// - Returns: `nil` for anything but one well-formed key in that form.
  public init?(ofPrivateKeyFile bytes: [UInt8]) {
    let lines = bytes.split(separator: UInt8(ascii: "\n")).map {
      $0.last == UInt8(ascii: "\r") ? $0.dropLast() : $0
    }
    guard lines.first?.elementsEqual("-----BEGIN OPENSSH PRIVATE KEY-----".utf8) == true,
      let end = lines.firstIndex(where: {
        $0.elementsEqual("-----END OPENSSH PRIVATE KEY-----".utf8)
      })
    else { return nil }
    var text = Array(lines[1..<end].joined())
    defer { text.wipe() }
    guard var blob = Base64.decode(text) else { return nil }
    defer { blob.wipe() }
    let magic = Array("openssh-key-v1\0".utf8)
    guard blob.starts(with: magic) else { return nil }
    var reader = WireReader(blob[magic.count...], subject: "the key file")
    do throws(Failure) {
      // How it is encrypted: cipher, key derivation, and the options of that.
      for _ in 1...3 { _ = try reader.string() }
      guard try reader.uint32() == 1 else { return nil }
      try self.init(blob: Array(try reader.string()))
    } catch {
      return nil
    }
  }
}

/// The one-line form of keys and certificates: `algorithm base64 [comment]`.
enum KeyLine {
  /// The algorithm's name and the bytes. One final line end is accepted, as key files have it.
  static func parse(
    _ line: String, subject: String
  ) throws(Failure) -> (algorithm: String, blob: [UInt8]) {
    func refused(_ clause: String) -> Failure {
      Failure(.invalidResponse, step: "read \(subject)", "\(subject) \(clause)")
    }
    guard line.utf8.count <= 16 * 1024 else { throw refused("is longer than 16 KiB") }
    let bytes = line.utf8.withoutLineEnd
    guard bytes.allSatisfy({ !$0.isControl || $0 == 0x09 }) else {
      throw refused("is not one line of text")
    }
    let words = bytes.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
    guard words.count >= 2 else { throw refused("is not an algorithm and its base64 text") }
    guard let blob = Base64.decode(words[1]) else { throw refused("has broken base64 text") }
    return (String(decoding: words[0], as: UTF8.self), blob)
  }
}
