internal import SystemIO

/// Reads the data types of RFC 4251 §5 from untrusted bytes: every length is checked against what is
/// left.
///
/// `Bytes` is a slice of an array, or for a secret of memory that is wiped after use.
struct WireReader<Bytes: RandomAccessCollection>
where Bytes.Element == UInt8, Bytes.Index == Int, Bytes.SubSequence == Bytes {
  private(set) var rest: Bytes
  /// What is being read, for messages: `the public key`.
  let subject: String

  init(_ bytes: Bytes, subject: String) {
    self.rest = bytes
    self.subject = subject
  }

  var isAtEnd: Bool { rest.isEmpty }

  mutating func bytes(_ count: Int) throws(Failure) -> Bytes {
    guard count <= rest.count else { throw malformed("is cut short") }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  mutating func uint32() throws(Failure) -> UInt32 {
    try bytes(4).reduce(0) { $0 << 8 | UInt32($1) }
  }

  mutating func uint64() throws(Failure) -> UInt64 {
    try bytes(8).reduce(0) { $0 << 8 | UInt64($1) }
  }

  mutating func string() throws(Failure) -> Bytes {
    let length = try uint32()
    guard length <= UInt32(Int32.max) else { throw malformed("is cut short") }
    return try bytes(Int(length))
  }

  /// A string that is a name: UTF-8 without NUL.
  mutating func text() throws(Failure) -> String {
    let bytes = try string()
    guard let text = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else {
      throw malformed("has a name that is not text")
    }
    return text
  }

  /// The magnitude of a positive number: an `mpint` in its one shortest form, without the zero
  /// byte in front.
  mutating func positiveInteger() throws(Failure) -> Bytes {
    let bytes = try string()
    guard let first = bytes.first, first < 0x80 else {
      throw malformed("has a number that is not positive")
    }
    guard first == 0 as UInt8 else { return bytes }
    let magnitude = bytes.dropFirst()
    guard let second = magnitude.first, second >= 0x80 else {
      throw malformed("has a number that is not in its shortest form")
    }
    return magnitude
  }

  func end() throws(Failure) {
    guard isAtEnd else { throw malformed("has bytes after its end") }
  }

  func malformed(_ clause: String) -> Failure {
    Failure(.invalidResponse, step: "read \(subject)", "\(subject) \(clause)")
  }
}

/// Writes the data types of RFC 4251 §5. For public data; secrets go into `SecretBytes`.
public struct WireWriter {
  /// What has been written so far.
  public private(set) var bytes: [UInt8] = []

  /// Nothing written yet.
  public init() {}

  /// Four bytes, the highest first; of a larger number the low 32 bits.
  public mutating func uint32(_ value: Int) { bytes += Self.uint32(value) }

  static func uint32(_ value: Int) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }

  /// The length, then the bytes.
  public mutating func string(_ content: some Collection<UInt8>) {
    uint32(content.count)
    bytes += content
  }

  /// The bytes alone, of fields that were encoded before.
  mutating func raw(_ content: some Sequence<UInt8>) { bytes += content }
}
