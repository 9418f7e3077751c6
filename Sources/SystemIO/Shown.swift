extension String {
  /// This text, made safe for a terminal or a message: control characters, line ends, invisible and
  /// direction-changing characters become `?`, and the text is cut after `limit` characters. Nothing
  /// that a provider sends is shown without it.
  public func shown(limit: Int = 200) -> String {
    var result = String.UnicodeScalarView()
    for scalar in unicodeScalars {
      guard result.count < limit else {
        result.append("…")
        break
      }
      result.append(scalar.isVisible ? scalar : "?")
    }
    return String(result)
  }
}

extension Unicode.Scalar {
  fileprivate var isVisible: Bool {
    switch value {
    case 0x20...0x7e: true
    case 0...0x9f: false
    // Soft hyphen, Arabic letter mark, Mongolian vowel separator, zero-width and direction
    // marks, line and paragraph separators, invisible operators, variation selectors, BOM,
    // interlinear marks, tags. No name needs them, but a forged look-alike does.
    case 0xad, 0x61c, 0x115f, 0x1160, 0x180b...0x180f, 0x200b...0x200f, 0x2028...0x202e,
      0x2060...0x206f, 0x3164, 0xfe00...0xfe0f, 0xfeff, 0xffa0, 0xfff0...0xfffb,
      0xe0000...0xe0fff:
      false
    default: true
    }
  }
}
