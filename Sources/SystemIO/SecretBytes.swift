/// Memory that is wiped before it is given back.
public struct SecretBytes: ~Copyable {
  private var memory: UnsafeMutableRawBufferPointer
  /// How many there are.
  public private(set) var count = 0

  /// - Parameter capacity: in bytes; with more it moves to other memory, and the former is wiped.
  public init(capacity: Int = 1024) {
    memory = .allocate(byteCount: max(capacity, 64), alignment: 1)
  }

  deinit { Self.wipe(memory) }

  /// The bytes; valid only as long as this value lives and is not appended to.
  public var bytes: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: memory[..<count]) }

  /// Appends one byte.
  public mutating func append(_ byte: UInt8) {
    if count == memory.count {
      let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * count, alignment: 1)
      larger.copyMemory(from: UnsafeRawBufferPointer(memory))
      Self.wipe(memory)
      memory = larger
    }
    memory[count] = byte
    count += 1
  }

  /// Appends bytes, which stay where they are, too.
  public mutating func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes { append(byte) }
  }

  /// Appends `count` bytes that a C function fills; `false` when it reports a failure.
  public mutating func fill(_ count: Int, _ body: (UnsafeMutablePointer<UInt8>) -> Bool) -> Bool {
    for _ in 0..<count { append(0) }
    let tail = UnsafeMutableRawBufferPointer(rebasing: memory[(self.count - count)..<self.count])
    guard let start = tail.bindMemory(to: UInt8.self).baseAddress else { return count == 0 }
    return body(start)
  }

  private static func wipe(_ memory: UnsafeMutableRawBufferPointer) {
    memory.wipe()
    memory.deallocate()
  }
}
