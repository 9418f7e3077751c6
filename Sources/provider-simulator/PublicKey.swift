import Foundation

/// Whether a client's public key is one: `type base64 [comment]`, RFC 4253 section 6.6 inside.
enum PublicKey {
  /// - Returns: what is wrong with it, as a clause; `nil` for a good one.
  static func flaw(of text: String) -> String? {
    if text.contains(where: \.isNewline) { return "holds a line end" }
    let words = text.split(separator: " ", maxSplits: 2, omittingEmptySubsequences: false)
    guard words.count >= 2 else { return "is not `type base64`" }
    guard let blob = Data(base64Encoded: String(words[1])) else { return "is not base64" }
    var rest = blob[...]
    guard let type = field(&rest) else { return "is cut short" }
    guard type == Data(words[0].utf8) else { return "names two key types" }
    switch words[0] {
    case "ssh-ed25519":
      guard field(&rest)?.count == 32 else { return "is not 32 bytes" }
    case "ecdsa-sha2-nistp256":
      guard field(&rest) == Data("nistp256".utf8), let point = field(&rest), point.count == 65,
        point.first == 4
      else { return "is not an uncompressed point of nistp256" }
    case "ssh-rsa":
      guard field(&rest) != nil, let modulus = field(&rest), modulus.count > 256 else {
        return "is an RSA key of less than 2048 bits"
      }
    default: return "is of an unknown type"
    }
    return rest.isEmpty ? nil : "goes on after its end"
  }

  /// Takes a length of four bytes and as many bytes off the front.
  private static func field(_ rest: inout Data.SubSequence) -> Data? {
    guard rest.count >= 4 else { return nil }
    let length = rest.prefix(4).reduce(0) { $0 << 8 | Int($1) }
    rest = rest.dropFirst(4)
    guard rest.count >= length else { return nil }
    defer { rest = rest.dropFirst(length) }
    return Data(rest.prefix(length))
  }
}
