extension String {
  /// This text, made safe for a terminal or a message: what is no ink, or moves or reorders the ink
  /// around it, becomes `?`, and the text is cut after `limit` characters. Nothing that a provider
  /// sends is shown without it.
  public func sanitized(limit: Int = 200) -> String {
    var result = String.UnicodeScalarView()
    var marks = 0
    // What a view of scalars counts, it goes through.
    var length = 0
    for scalar in unicodeScalars {
      guard length < limit else {
        result.append("…")
        break
      }
      marks = scalar.isMark ? marks + 1 : 0
      // A mark without a letter would sit on what stands before the text; a heap of them on other lines.
      let isLoose = marks > Self.mostMarks || (marks > 0 && result.isEmpty)
      result.append(scalar.isVisible && !isLoose ? scalar : "?")
      length += 1
    }
    return String(result)
  }

  /// How many marks a letter may carry; no living script needs more.
  private static var mostMarks: Int { 4 }
}

extension [String] {
  /// `a, b or c`, for a sentence.
  public func joined(last word: String) -> String {
    guard count > 1, let last else { return first ?? "" }
    return "\(dropLast().joined(separator: ", ")) \(word) \(last)"
  }
}

extension Unicode.Scalar {
  fileprivate var isMark: Bool {
    guard value >= 0x300 else { return false }
    return switch properties.generalCategory {
    case .nonspacingMark, .enclosingMark: true
    default: false
    }
  }

  fileprivate var isVisible: Bool {
    switch value {
    case 0x20...0x7e: return true
    case 0...0x9f: return false
    default: break
    }
    switch properties.generalCategory {
    // With these go every control, every kind of space but the one above, what has no character yet or
    // never will (noncharacters), and what each font fills as it likes.
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: break
    }
    return !properties.isDefaultIgnorableCodePoint && !isBlank && !isRightToLeft
  }

  /// Symbols and letters without ink: the Braille pattern without dots, the object replacement
  /// character, the null notehead, the Khitan filler, the Egyptian blanks.
  private var isBlank: Bool {
    [0x2800, 0xfffc, 0x1d159, 0x16fe4, 0x13441, 0x13442].contains(value)
  }

  /// Whether the character lies in a block whose text runs from right to left (DerivedBidiClass.txt,
  /// the default classes R and AL): it reorders what stands beside it. The standard library does not
  /// know bidi classes.
  private var isRightToLeft: Bool {
    switch value {
    case 0x590...0x8ff, 0xfb1d...0xfdff, 0xfe70...0xfeff, 0x10800...0x10fff, 0x1e800...0x1efff: true
    default: false
    }
  }
}
