internal import COpenSSL

/// Memory that is wiped before it is given back.
struct SecretBytes: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  private(set) var count = 0

  init(capacity: Int = 1024) {
    memory = .allocate(byteCount: max(capacity, 64), alignment: 1)
  }

  deinit { Self.wipe(memory) }

  /// The bytes, to be used within the call that asks for them: the memory stays this value's own.
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

  mutating func uint32(_ value: Int) {
    for shift in [24, 16, 8, 0] { append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func string(_ content: some Collection<UInt8>) {
    uint32(content.count)
    append(content)
  }

  /// `count` bytes that a C function fills; false when it says that it could not.
  mutating func fill(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Bool) -> Bool {
    for _ in 0..<count { append(0) }
    let tail = UnsafeMutableRawBufferPointer(rebasing: memory[(self.count - count)..<self.count])
    guard let start = tail.bindMemory(to: UInt8.self).baseAddress else { return count == 0 }
    return body(start)
  }

  private static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    OPENSSL_cleanse(memory.baseAddress, memory.count)
    memory.deallocate()
  }
}
