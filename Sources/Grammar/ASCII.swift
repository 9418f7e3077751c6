/// Comparing bytes with ASCII characters.
extension UInt8 {
  /// Whether a byte is that character of ASCII.
  @inlinable public static func == (byte: UInt8, character: Unicode.Scalar) -> Bool {
    UInt32(byte) == character.value
  }

  /// Whether it is another one.
  @inlinable public static func != (byte: UInt8, character: Unicode.Scalar) -> Bool {
    !(byte == character)
  }

  /// `0` to `9`.
  @inlinable public var isDigit: Bool { (0x30...0x39).contains(self) }
  /// A digit, or `a` to `f` in letters of either case.
  var isHex: Bool {
    isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
  }
  /// A digit or a letter of ASCII.
  @inlinable public var isAlphanumeric: Bool {
    isDigit || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
  }

  /// Whether it is a character with ink, or a space.
  @inlinable public var isPrintable: Bool { (0x20...0x7e).contains(self) }
  /// Whether it is a control character of ASCII, which a text of one line cannot hold. A byte beyond ASCII is
  /// none.
  @inlinable public var isControl: Bool { self < 0x20 || self == 0x7f }

  /// The same letter in lower case; every other byte as it is.
  @inlinable public var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}

extension BidirectionalCollection<UInt8> {
  /// Without the one line end that a text may have: `\n`, `\r\n` or `\r`.
  @inlinable public var withoutLineEnd: SubSequence {
    let text = last == 0x0a ? dropLast() : self[...]
    return text.last == 0x0d ? text.dropLast() : text
  }
}

extension Collection<UInt8> {
  /// Whether one of the bytes is that character of ASCII.
  @inlinable public func contains(_ character: Unicode.Scalar) -> Bool {
    contains { $0 == character }
  }

  /// The parts between the separators, empty ones too.
  @inlinable public func parts(by separator: Unicode.Scalar) -> [SubSequence] {
    split(omittingEmptySubsequences: false) { $0 == separator }
  }
}
