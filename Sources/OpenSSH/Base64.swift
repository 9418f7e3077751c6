import Grammar

/// Base 64 by RFC 4648 §4, strict: no line ends, padding complete, unused bits zero, so that a
/// value has one spelling.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: some Collection<UInt8>, padded: Bool = true) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count + 2) / 3 * 4)
    encode(bytes, padded: padded) { text.append($0) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Passes each character to `write`, so that no copy of a secret is made.
  static func encode(
    _ bytes: some Collection<UInt8>, padded: Bool = true, to write: (UInt8) -> Void
  ) {
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 1
      guard count == 3 else { continue }
      for shift in [18, 12, 6, 0] { write(alphabet[Int(bits >> UInt32(shift)) & 63]) }
      (bits, count) = (0, 0)
    }
    guard count > 0 else { return }
    bits <<= UInt32(8 * (3 - count))  // bounded: a shift only drops bits
    for place in 0...count { write(alphabet[Int(bits >> UInt32(18 - 6 * place)) & 63]) }
    if padded { for _ in count..<3 { write(UInt8(ascii: "=")) } }
  }

  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count / 4 * 3)
    return decode(text, to: { bytes.append($0) }) ? bytes : nil
  }

  /// Passes each byte to `write`.
  /// - Returns: `false` at the first character that is invalid.
  static func decode(_ text: some Collection<UInt8>, to write: (UInt8) -> Void) -> Bool {
    guard text.count % 4 == 0 else { return false }
    var bits: UInt32 = 0
    var count = 0
    var padding = 0
    for character in text {
      if character == "=" {
        padding += 1
        bits <<= 6  // bounded: a shift only drops bits
      } else {
        guard padding == 0, let value = value(of: character) else { return false }
        bits = bits << 6 | value
      }
      count += 1
      guard count == 4 else { continue }
      guard padding <= 2, padding == 0 || bits & (padding == 1 ? 0xff : 0xffff) == 0 else {
        return false
      }
      for place in 0..<(3 - padding) {
        write(UInt8(truncatingIfNeeded: bits >> UInt32(16 - 8 * place)))
      }
      // `padding` is not reset, so that a group after a padded one is refused above.
      (bits, count) = (0, 0)
    }
    return true
  }

  private static func value(of character: UInt8) -> UInt32? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): UInt32(character) - 65
    case UInt8(ascii: "a")...UInt8(ascii: "z"): UInt32(character) - 71
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(character) + 4
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    default: nil
    }
  }
}
