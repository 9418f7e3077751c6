/// What a server says before its version, `SSH-…` (RFC 4253 §4.2), which has no bound there.
struct Greeting {
  /// As OpenSSH, which gives up after so many lines; and no more bytes than that.
  static let mostLines = 1024
  static let mostBytes = 64 * 1024

  /// Whether the version has come.
  private(set) var isOver = false
  private var bytes = 0
  private var lines = 0
  /// How many bytes of the line are those of the version; `nil` in a line that is none.
  private var matched: Int? = 0

  private static let version = Array("SSH-".utf8)

  var isTooLong: Bool { !isOver && (bytes > Self.mostBytes || lines >= Self.mostLines) }

  mutating func take(_ text: some Sequence<UInt8>) {
    for byte in text where !isOver && !isTooLong {
      bytes += 1
      if byte == UInt8(ascii: "\n") {
        lines += 1
        matched = 0
      } else if let count = matched {
        matched = byte == Self.version[count] ? count + 1 : nil
        isOver = matched == Self.version.count
      }
    }
  }
}
