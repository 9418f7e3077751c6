internal import SystemIO

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
    let suffix = ofCertificates ? "-cert-v01@openssh.com" : ""
    return ["rsa-sha2-512" + suffix, "rsa-sha2-256" + suffix]
  }
}
