/// Strings and numbers of RFC 4251 §5, for material that ssh-keygen does not make.
func wire(_ bytes: [UInt8]) -> [UInt8] { wire(number: bytes.count) + bytes }

func wire(_ text: String) -> [UInt8] { wire(Array(text.utf8)) }

func wire(number: Int) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: number >> $0) }
}
