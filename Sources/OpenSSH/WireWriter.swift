/// Writes the data types of RFC 4251 §5. For public data; secrets go into `SecretBytes`.
public struct WireWriter {
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// Four bytes, the highest first; of a larger number the low 32 bits.
  public mutating func uint32(_ value: Int) {
    for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  /// The length, then the bytes.
  public mutating func string(_ content: some Collection<UInt8>) {
    uint32(content.count)
    bytes += content
  }

  /// The bytes alone, of fields that were encoded before.
  mutating func raw(_ content: some Sequence<UInt8>) { bytes += content }
}
