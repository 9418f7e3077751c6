internal import SystemIO

/// The public key algorithms that this program knows, by their names on the wire.
enum KeyAlgorithm: String, CaseIterable {
  case ed25519 = "ssh-ed25519"
  case ecdsaP256 = "ecdsa-sha2-nistp256"
  case ecdsaP384 = "ecdsa-sha2-nistp384"
  case ecdsaP521 = "ecdsa-sha2-nistp521"
  case rsa = "ssh-rsa"
  case securityKeyEd25519 = "sk-ssh-ed25519@openssh.com"
  case securityKeyP256 = "sk-ecdsa-sha2-nistp256@openssh.com"

  fileprivate static let certificateSuffix = "-cert-v01@openssh.com"

  init?(certificateName name: String) {
    guard let match = Self.allCases.first(where: { $0.certificateName == name }) else { return nil }
    self = match
  }

  /// The name of a certificate over such a key (PROTOCOL.certkeys, PROTOCOL.u2f).
  var certificateName: String {
    let domain = "@openssh.com"
    let stem = rawValue.hasSuffix(domain) ? String(rawValue.dropLast(domain.count)) : rawValue
    return stem + Self.certificateSuffix
  }

  /// The curve's name on the wire and the size of a coordinate in bytes (RFC 5656 §3.1).
  var curve: (name: String, size: Int)? {
    switch self {
    case .ecdsaP256, .securityKeyP256: ("nistp256", 32)
    case .ecdsaP384: ("nistp384", 48)
    case .ecdsaP521: ("nistp521", 66)
    case .ed25519, .rsa, .securityKeyEd25519: nil
    }
  }

  /// Reads over the fields that follow the algorithm's name in a key and the nonce in a
  /// certificate, and checks them.
  func checkFields(_ reader: inout WireReader<ArraySlice<UInt8>>) throws(Failure) {
    switch self {
    case .ed25519, .securityKeyEd25519:
      guard try reader.string().count == 32 else {
        throw reader.malformed("has an Ed25519 key that is not 32 bytes long")
      }
    case .ecdsaP256, .ecdsaP384, .ecdsaP521, .securityKeyP256:
      try checkPoint(&reader)
    case .rsa:
      try checkModulus(&reader)
    }
    if self == .securityKeyEd25519 || self == .securityKeyP256 {
      _ = try reader.text()
    }
  }

  private func checkPoint(_ reader: inout WireReader<ArraySlice<UInt8>>) throws(Failure) {
    guard let curve, try reader.text() == curve.name else {
      throw reader.malformed("names another curve than its algorithm")
    }
    let point = try reader.string()
    // SEC 1 §2.3.3: 4 is the uncompressed form, the only one that OpenSSH takes.
    guard point.count == 1 + 2 * curve.size, point.first == 4 else {
      throw reader.malformed("has no point of its curve")
    }
  }

  private func checkModulus(_ reader: inout WireReader<ArraySlice<UInt8>>) throws(Failure) {
    let exponent = try reader.positiveInteger()
    let modulus = try reader.positiveInteger()
    // OpenSSL takes no longer exponent with a large modulus.
    guard exponent.count <= 8, let low = exponent.last, low & 1 == 1 as UInt8,
      exponent.count > 1 || low >= 3
    else { throw reader.malformed("has an RSA exponent out of range") }
    guard let high = modulus.first, let last = modulus.last, last & 1 == 1 as UInt8 else {
      throw reader.malformed("has an RSA modulus that is even")
    }
    let bits = modulus.count * 8 - high.leadingZeroBitCount
    guard (2048...16384).contains(bits) else {
      throw reader.malformed("is an RSA key of \(bits) bits (2048 to 16384 are accepted)")
    }
  }
}

/// The names by which ssh_config(5) lists algorithms of keys and signatures. None uses SHA-1, and an RSA
/// key has one name for each of its two other digests (RFC 8332).
public enum SignatureAlgorithms {
  /// Every kind of host certificate: which one a host has is known only when it shows it.
  public static let hostCertificates = list(
    [.ed25519, .ecdsaP256, .ecdsaP384, .ecdsaP521, .rsa], ofCertificates: true)

  /// Those by which an authority's key signs.
  public static func of(_ authority: PublicKey) -> [String] { names(authority.kind) }

  /// Those by which a session logs in with its own key.
  /// - Parameter certificate: the provider's, over that key.
  public static func of(_ type: KeyType, certificate: Certificate?) -> String {
    let kind: KeyAlgorithm =
      certificate?.certifiedKey.kind ?? (type == .ed25519 ? .ed25519 : .ecdsaP256)
    let plain = list([kind], ofCertificates: false)
    // ssh drops a key whose own algorithm is not listed before it looks for its certificate.
    return certificate == nil ? plain : list([kind], ofCertificates: true) + "," + plain
  }

  /// Whether a text is a list of such names, as ssh takes it.
  static func isList(_ text: String) -> Bool {
    text.utf8.count <= 512
      && text.utf8.parts(by: ",").allSatisfy { known.contains(String(Substring($0))) }
  }

  private static let known = Set(
    KeyAlgorithm.allCases.flatMap { names($0) + names($0, ofCertificates: true) })

  private static func list(_ kinds: [KeyAlgorithm], ofCertificates: Bool) -> String {
    kinds.flatMap { names($0, ofCertificates: ofCertificates) }.joined(separator: ",")
  }

  private static func names(_ kind: KeyAlgorithm, ofCertificates: Bool = false) -> [String] {
    guard kind == .rsa else { return [ofCertificates ? kind.certificateName : kind.rawValue] }
    let suffix = ofCertificates ? KeyAlgorithm.certificateSuffix : ""
    return ["rsa-sha2-512" + suffix, "rsa-sha2-256" + suffix]
  }
}
