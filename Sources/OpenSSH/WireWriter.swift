/// Writes the data types of RFC 4251 §5. For what is public; secrets go into `SecretBytes`.
struct WireWriter {
  private(set) var bytes: [UInt8] = []

  mutating func uint32(_ value: Int) {
    for shift in [24, 16, 8, 0] { bytes.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  mutating func string(_ content: some Collection<UInt8>) {
    uint32(content.count)
    bytes += content
  }

  mutating func raw(_ content: some Sequence<UInt8>) { bytes += content }
}
