internal import SystemIO

/// The one-line form of keys and certificates: `algorithm base64 [comment]`.
enum KeyLine {
  /// The algorithm's name and the bytes. One final line end is accepted, as key files have it.
  static func parse(
    _ line: String, subject: String
  ) throws(Failure) -> (algorithm: String, blob: [UInt8]) {
    func refused(_ clause: String) -> Failure {
      Failure(.invalidResponse, step: "read \(subject)", "\(subject) \(clause)")
    }
    var bytes = line.utf8[...]
    guard bytes.count <= 16 * 1024 else { throw refused("is longer than 16 KiB") }
    if bytes.last == 0x0a { bytes.removeLast() }
    if bytes.last == 0x0d { bytes.removeLast() }
    guard bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7f || $0 == 0x09 }) else {
      throw refused("is not one line of text")
    }
    let words = bytes.split(maxSplits: 2) { $0 == " " || $0 == "\t" }
    guard words.count >= 2 else { throw refused("is not an algorithm and its base64 text") }
    guard let blob = Base64.decode(words[1]) else { throw refused("has broken base64 text") }
    return (String(decoding: words[0], as: UTF8.self), blob)
  }
}
