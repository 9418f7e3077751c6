internal import COpenSSL
internal import SystemIO

/// OpenSSL's errors of this thread (ERR_get_error(3)).
enum OpenSSLErrors {
  /// Empties the queue, so that an error is not taken for that of another call.
  /// - Returns: the first reason, as an addition to a message; empty where OpenSSL gives none.
  static func take() -> String {
    var reason = ""
    while true {
      let code = ERR_get_error()
      if code == 0 { return reason }
      if reason.isEmpty, let text = ERR_reason_error_string(code) {
        reason = " (\(String(cString: text).sanitized(limit: 80)))"
      }
    }
  }
}

/// The one owner of an OpenSSL key, which is freed with it.
struct EVPKey: ~Copyable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) { self.pointer = pointer }

  deinit { EVP_PKEY_free(pointer) }

  static var internalError: Failure {
    Failure(
      .internalError, step: "make a key pair",
      "OpenSSL cannot make a key pair" + OpenSSLErrors.take())
  }

  static func generate(_ type: KeyType) throws(Failure) -> EVPKey {
    let name =
      switch type {
      case .ed25519: "ED25519"
      case .ecdsaP256: "EC"
      }
    guard let context = EVP_PKEY_CTX_new_from_name(nil, name, nil) else { throw internalError }
    defer { EVP_PKEY_CTX_free(context) }
    guard EVP_PKEY_keygen_init(context) == 1 else { throw internalError }
    if type == .ecdsaP256 {
      guard EVP_PKEY_CTX_set_group_name(context, "P-256") == 1 else { throw internalError }
    }
    var made: OpaquePointer?
    guard EVP_PKEY_keygen(context, &made) == 1, let made else { throw internalError }
    return EVPKey(owning: made)
  }

  /// Writes a P-256 private scalar, 32 bytes big-endian.
  func copyScalar(to destination: UnsafeMutablePointer<UInt8>) -> Bool {
    var number: OpaquePointer?
    guard EVP_PKEY_get_bn_param(pointer, OSSL_PKEY_PARAM_PRIV_KEY, &number) == 1 else {
      return false
    }
    defer { BN_clear_free(number) }
    return BN_bn2binpad(number, destination, 32) == 32
  }

  /// The public point, uncompressed.
  func point(size: Int) throws(Failure) -> [UInt8] {
    var length = 0
    var point = [UInt8](repeating: 0, count: size)
    guard
      EVP_PKEY_get_octet_string_param(pointer, OSSL_PKEY_PARAM_PUB_KEY, &point, size, &length) == 1,
      length == size
    else { throw Self.internalError }
    return point
  }

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
