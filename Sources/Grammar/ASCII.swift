/// Comparing bytes with ASCII characters.
extension UInt8 {
  @inlinable public static func == (byte: UInt8, character: Unicode.Scalar) -> Bool {
    UInt32(byte) == character.value
  }

  @inlinable public static func != (byte: UInt8, character: Unicode.Scalar) -> Bool {
    !(byte == character)
  }

  @inlinable public var isDigit: Bool { (0x30...0x39).contains(self) }
  @inlinable public var isHex: Bool {
    isDigit || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
  }
  @inlinable public var isAlphanumeric: Bool {
    isDigit || (0x41...0x5a).contains(self) || (0x61...0x7a).contains(self)
  }

  /// The same letter in lower case; every other byte as it is.
  @inlinable public var lowercased: UInt8 { (0x41...0x5a).contains(self) ? self | 0x20 : self }
}

extension Collection<UInt8> {
  @inlinable public func contains(_ character: Unicode.Scalar) -> Bool {
    contains { $0 == character }
  }

  /// The parts between the separators, empty ones too.
  @inlinable public func parts(by separator: Unicode.Scalar) -> [SubSequence] {
    split(omittingEmptySubsequences: false) { $0 == separator }
  }
}
