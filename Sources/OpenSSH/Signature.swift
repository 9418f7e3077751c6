internal import COpenSSL
public import SystemIO

extension Certificate {
  /// Checks the authority's signature: Ed25519, ECDSA on the three NIST curves, RSA with SHA-256 or
  /// SHA-512. RSA with SHA-1 and security keys are refused.
  /// - Throws: `.invalidResponse` when the signature does not verify, or is of another kind.
  public func verifySignature() throws(Failure) {
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

extension EVPKey {
  static var noMemory: Failure {
    Failure(
      .internalError, step: "verify a signature",
      "OpenSSL is out of memory" + OpenSSLErrors.take())
  }

  /// The public half alone, for verification.
  /// - Throws: `.invalidResponse` when OpenSSL refuses the key, for example a point that is not on its curve.
  init(verifying key: PublicKey) throws(Failure) {
    func refused() -> Failure {
      Failure(
        .invalidResponse, step: "read the authority's key",
        "OpenSSL does not take the authority's key" + OpenSSLErrors.take())
    }
    guard let info = try DER.publicKeyInfo(key) else { throw refused() }
    let made = info.withUnsafeBufferPointer { buffer in
      var next = buffer.baseAddress
      return d2i_PUBKEY(nil, &next, buffer.count)
    }
    guard let made else { throw refused() }
    self.init(owning: made)
  }
}
