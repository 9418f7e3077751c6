internal import SystemIO

extension SecretBytes {
  /// As `WireWriter` writes it.
  mutating func uint32(_ value: Int) { append(WireWriter.uint32(value)) }

  mutating func string(_ content: some Collection<UInt8>) {
    uint32(content.count)
    append(content)
  }

  /// The text of a PEM file (RFC 7468) with these bytes.
  /// - Parameters:
  ///   - header, footer: the first and the last line, with their line ends.
  ///   - lineLength: in characters.
  func encoded(
    between header: String, and footer: String, lineLength: Int
  ) -> SecretBytes {
    var text = SecretBytes(capacity: 2048)
    text.append(header.utf8)
    var column = 0
    Base64.encode(bytes) { character in
      text.append(character)
      column += 1
      if column % lineLength == 0 { text.append(UInt8(ascii: "\n")) }
    }
    if column % lineLength != 0 { text.append(UInt8(ascii: "\n")) }
    text.append(footer.utf8)
    return text
  }
}
