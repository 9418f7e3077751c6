extension String {
  /// This text as it may be shown on a terminal or stand in a message: control characters, line
  /// ends, invisible and direction-changing characters become `?`, and at most `limit`
  /// characters stay. What a provider sends is shown in no other way.
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
    // interlinear marks, tags: nothing a name needs, everything a look-alike does.
    case 0xad, 0x61c, 0x115f, 0x1160, 0x180b...0x180f, 0x200b...0x200f, 0x2028...0x202e,
      0x2060...0x206f, 0x3164, 0xfe00...0xfe0f, 0xfeff, 0xffa0, 0xfff0...0xfffb,
      0xe0000...0xe0fff:
      false
    default: true
    }
  }
}
