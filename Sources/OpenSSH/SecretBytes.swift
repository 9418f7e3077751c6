internal import SystemIO

/// Memory that is wiped before it is given back.
struct SecretBytes: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(capacity: Int = 1024) {
    memory = .allocate(byteCount: max(capacity, 64), alignment: 1)
  }

  deinit { Self.wipe(memory) }

  /// The bytes; valid only as long as this value lives and is not appended to.
  var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  mutating func append(_ byte: UInt8) {
    if count == memory.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * count, alignment: 1)
      larger.copyMemory(from: UnsafeRawBufferPointer(memory))
      Self.wipe(memory)
      memory = larger
    }
    memory[count] = byte
    count += 1
  }

  mutating func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { append(byte) }
  }

  /// As `WireWriter` writes it.
  mutating func uint32(_ value: Int) { append(WireWriter.uint32(value)) }

  mutating func string(_ content: some Collection<UInt8>) {
    uint32(content.count)
    append(content)
  }

  /// Appends `count` bytes that a C function fills; `false` when it reports a failure.
  mutating func fill(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Bool) -> Bool {
    for _ in 0..<count { append(0) }
    let tail = UnsafeMutableRawBufferPointer(rebasing: memory[(self.count - count)..<self.count])
    guard let start = tail.bindMemory(to: UInt8.self).baseAddress else { return count == 0 }
    return body(start)
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

  private static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    memory.wipe()
    memory.deallocate()
  }
}
