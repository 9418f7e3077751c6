internal import COpenSSL
public import SystemIO

/// An OpenSSH certificate (PROTOCOL.certkeys): a key, signed by an authority. Parsing checks only the
/// form; `checkUser` and `checkHost` decide whether it is valid.
public struct Certificate: Sendable {
  /// Whose identity it proves, by its number on the wire.
  public enum Kind: UInt32, Sendable {
    case user = 1
    case host = 2
  }

  /// The whole certificate in wire format.
  public let blob: [UInt8]
  /// The algorithm's name on the wire: `ssh-ed25519-cert-v01@openssh.com`.
  public let algorithm: String
  /// Whether it is for a user or for a host.
  public let kind: Kind
  /// The logins, or host names, that the certificate is for.
  public let principals: [String]
  /// The first second of its validity; Unix seconds.
  let validAfter: UInt64
  /// The first second after its validity; Unix seconds.
  public let validBefore: UInt64
  /// The names of what a server has to know, or it refuses the certificate.
  let criticalOptions: [String]
  /// The key that is certified.
  public let certifiedKey: PublicKey
  /// The key that signed it.
  public let authority: PublicKey

  let signed: ArraySlice<UInt8>
  let signature: [UInt8]

  /// `algorithm base64`, without comment and line end: the content of a `-cert.pub` file.
  public var line: String { "\(algorithm) \(Base64.encode(blob))" }

  /// - Parameter line: `algorithm base64 [comment]`, at most 16 KiB; one final line end is
  ///   accepted.
  /// - Throws: `.invalidResponse` unless it is one well-formed certificate of a known algorithm.
  public init(line: String) throws(Failure) {
    let (name, blob) = try KeyLine.parse(line, subject: "the certificate")
    try self.init(blob: blob)
    guard algorithm == name else {
      throw Failure(
        .invalidResponse, step: "read the certificate",
        "the certificate says \(name.sanitized(limit: 60)) and holds \(algorithm)")
    }
  }

  /// - Throws: `.invalidResponse`, as `init(line:)`.
  public init(blob: [UInt8]) throws(Failure) {
    var reader = WireReader(blob[...], subject: "the certificate")
    guard blob.count <= 16 * 1024 else { throw reader.malformed("is longer than 16 KiB") }
    algorithm = try reader.text()
    guard let keyKind = KeyAlgorithm(certificateName: algorithm) else {
      throw reader.malformed("is of an unknown kind, \(algorithm.sanitized(limit: 60))")
    }
    _ = try reader.string()  // The nonce.
    let fields = reader.rest
    try keyKind.checkFields(&reader)
    var key = WireWriter()
    key.string(keyKind.rawValue.utf8)
    key.raw(fields.prefix(fields.count - reader.rest.count))
    certifiedKey = try PublicKey(blob: key.bytes, subject: reader.subject)

    _ = try reader.uint64()  // The authority's number for it.
    guard let kind = Kind(rawValue: try reader.uint32()) else {
      throw reader.malformed("is for neither a user nor a host")
    }
    self.kind = kind
    _ = try reader.text()  // The authority's name for it.
    principals = try Self.principals(in: try reader.string(), subject: reader.subject)
    validAfter = try reader.uint64()
    validBefore = try reader.uint64()
    criticalOptions = try Self.optionNames(in: try reader.string(), subject: reader.subject)
    // The extensions: what a server that does not know one ignores.
    _ = try Self.optionNames(in: try reader.string(), subject: reader.subject)
    _ = try reader.string()  // Reserved.
    authority = try PublicKey(blob: Array(try reader.string()), subject: "the authority's key")
    signed = blob.prefix(blob.count - reader.rest.count)
    signature = Array(try reader.string())
    try reader.end()
    self.blob = blob
  }

  private static func principals(
    in bytes: ArraySlice<UInt8>, subject: String
  ) throws(Failure) -> [String] {
    var reader = WireReader(bytes, subject: subject)
    var names: [String] = []
    while !reader.isAtEnd {
      // SSHKEY_CERT_MAX_PRINCIPALS of OpenSSH.
      guard names.count < 256 else { throw reader.malformed("names more than 256 principals") }
      names.append(try reader.text())
    }
    return names
  }

  private static func optionNames(
    in bytes: ArraySlice<UInt8>, subject: String
  ) throws(Failure) -> [String] {
    var reader = WireReader(bytes, subject: subject)
    var names: [String] = []
    while !reader.isAtEnd {
      let name = try reader.text()
      guard names.count < 64, !names.contains(name) else {
        throw reader.malformed("has too many options, or one of them twice")
      }
      _ = try reader.string()  // Its value, in wire format.
      names.append(name)
    }
    return names
  }
}

extension Certificate {
  /// Checks that this certificate lets `key` log in as `login` at the time `now`, in Unix seconds.
  /// Stricter than sshd: a certificate without principals is refused.
  ///
  /// The critical options that OpenSSH knows (`force-command`, `source-address`,
  /// `verify-required`) are the server's to enforce and are accepted.
  /// - Throws: `.invalidResponse`, with the condition that is not met.
  public func checkUser(key: PublicKey, login: String, at now: Int64) throws(Failure) {
    let step = "check the user certificate"
    func refused(_ clause: String) -> Failure {
      Failure(.invalidResponse, step: step, "the user certificate \(clause)")
    }
    guard kind == .user else { throw refused("is a host certificate") }
    guard certifiedKey == key else { throw refused("certifies another key than this session's") }
    // Byte by byte: to Swift's `==` the Kelvin sign is a `K`.
    guard principals.contains(where: { $0.utf8.elementsEqual(login.utf8) }) else {
      throw refused("does not name the login \(login.sanitized(limit: 80)) as a principal")
    }
    let known = ["force-command", "source-address", "verify-required"]
    if let option = criticalOptions.first(where: { !known.contains($0) }) {
      throw refused("has an unknown critical option, \(option.sanitized(limit: 60))")
    }
    if let clause = invalidity(at: now) {
      var failure = refused(clause)
      failure.hint = "set this computer's clock, and run it again"
      throw failure
    }
    try verifySignature()
  }

  /// Checks that this certificate, signed by `authority`, proves that its key belongs to the host `name`
  /// at the time `now`, in Unix seconds.
  ///
  /// The rules are those of `sshkey_cert_check_host` since OpenSSH 10.3: principals may be
  /// patterns, a certificate without principals is good for no host (up to 10.2: for every one,
  /// CVE-2026-35414), and no critical option is known for hosts.
  /// - Throws: `.invalidResponse`, with the condition that is not met.
  public func checkHost(name: String, authority: PublicKey, at now: Int64) throws(Failure) {
    let step = "check the host certificate"
    func refused(_ clause: String) -> Failure {
      Failure(.invalidResponse, step: step, "the host certificate \(clause)")
    }
    guard kind == .host else { throw refused("is a user certificate") }
    guard self.authority == authority else {
      throw refused(
        "is signed by \(self.authority.fingerprint), not by the authority \(authority.fingerprint)")
    }
    let folded = name.lowercased()
    guard principals.contains(where: { HostPattern.matches(folded, glob: $0) }) else {
      throw refused("does not name \(name.sanitized(limit: 80)) as a principal")
    }
    if let option = criticalOptions.first {
      throw refused("has an unknown critical option, \(option.sanitized(limit: 60))")
    }
    if let clause = invalidity(at: now) { throw refused(clause) }
    try verifySignature()
  }

  private func invalidity(at now: Int64) -> String? {
    guard now >= 0, UInt64(now) >= validAfter else {
      return "is not valid yet (is this computer's clock right?)"
    }
    return UInt64(now) < validBefore ? nil : "has expired (is this computer's clock right?)"
  }
}

extension Certificate {
  /// Checks the authority's signature: Ed25519, ECDSA on the three NIST curves, RSA with SHA-256 or
  /// SHA-512. RSA with SHA-1 and security keys are refused.
  /// - Throws: `.invalidResponse` when the signature does not verify, or is of another kind.
  func verifySignature() throws(Failure) {
    let subject = "the certificate's signature"
    var reader = WireReader(signature[...], subject: subject)
    let name = try reader.text()
    let content = try reader.string()
    try reader.end()

    let kind = authority.kind
    let digest: OpaquePointer?
    var raw = Array(content)
    switch (kind, name) {
    case (.ed25519, "ssh-ed25519"):
      digest = nil
    case (.ecdsaP256, kind.rawValue), (.ecdsaP384, kind.rawValue), (.ecdsaP521, kind.rawValue):
      // RFC 5656 §6.2.1: the digest goes with the curve.
      digest = kind == .ecdsaP256 ? EVP_sha256() : kind == .ecdsaP384 ? EVP_sha384() : EVP_sha512()
      var numbers = WireReader(content, subject: subject)
      let (r, s) = (try numbers.positiveInteger(), try numbers.positiveInteger())
      try numbers.end()
      raw = DER.sequence(DER.integer(r) + DER.integer(s))
    case (.rsa, "rsa-sha2-256"): digest = EVP_sha256()
    case (.rsa, "rsa-sha2-512"): digest = EVP_sha512()
    default:
      throw reader.malformed(
        "is of a kind that is not accepted, \(name.sanitized(limit: 60)) by \(kind.rawValue)")
    }

    let key = try EVPKey(verifying: authority)
    guard let context = EVP_MD_CTX_new() else { throw EVPKey.noMemory }
    defer { EVP_MD_CTX_free(context) }
    let message = Array(signed)
    guard EVP_DigestVerifyInit(context, nil, digest, nil, key.pointer) == 1,
      EVP_DigestVerify(context, raw, raw.count, message, message.count) == 1
    else {
      throw reader.malformed("does not verify" + OpenSSLErrors.take())
    }
  }
}
