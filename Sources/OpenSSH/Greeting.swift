/// What a server says before its key exchange: lines of its own, which RFC 4253 (section 4.2) does not bound, and
/// its version, `SSH-…`.
public struct Greeting {
  /// The most lines before the version: as OpenSSH, which gives up then.
  public static let mostLines = 1024
  /// The most bytes before the version.
  public static let mostBytes = 64 * 1024
  /// The longest version, in bytes, without its line end (RFC 4253, section 4.2).
  private static let longestVersion = 253
  private static let start = Array("SSH-".utf8)

  /// Whether the version has begun.
  public private(set) var isOver = false
  /// Whether it has come to its end, or is longer than it may be.
  public private(set) var isWhole = false
  /// The version, as far as it has come, without the line end.
  public private(set) var version: [UInt8] = []
  private var bytes = 0
  private var lines = 0
  /// How many bytes of `SSH-` the line has so far; `nil` where it begins otherwise, and so is not the version.
  private var matched: Int? = 0

  /// Before the server's first byte.
  public init() {}

  /// Whether more comes before the version than may.
  public var isTooLong: Bool { !isOver && (bytes > Self.mostBytes || lines >= Self.mostLines) }

  /// Takes what has come next; what follows the version, or too long a beginning, is passed over.
  public mutating func take(_ text: some Sequence<UInt8>) {
    for byte in text where !isWhole && !isTooLong {
      if isOver {
        isWhole = byte == UInt8(ascii: "\n") || version.count == Self.longestVersion
        if !isWhole, byte != UInt8(ascii: "\r") { version.append(byte) }
        continue
      }
      bytes += 1
      if byte == UInt8(ascii: "\n") {
        lines += 1
        matched = 0
      } else if let count = matched {
        matched = byte == Self.start[count] ? count + 1 : nil
        isOver = matched == Self.start.count
        if isOver { version = Self.start }
      }
    }
  }
}
