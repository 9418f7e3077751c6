public import SystemIO

/// A host name or numeric address, and a TCP port.
public struct HostAndPort: Sendable, Equatable {
  /// Without brackets.
  public let host: String
  /// 1 to 65535.
  public let port: UInt16

  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT` or `[ADDRESS]:PORT`, as `--jump-to` and `jump_target` have it.
  /// - Throws: `.usage` for anything else.
  public init(_ text: String) throws(Failure) {
    guard let colon = text.lastIndex(of: ":"),
      let port = Self.port(text[text.index(after: colon)...])
    else { throw Self.refusal(of: text) }
    var host = text[..<colon]
    if host.hasPrefix("["), host.hasSuffix("]") {
      host = host.dropFirst().dropLast()
      guard host.contains(":") else { throw Self.refusal(of: text) }
    } else if host.contains(":") {
      throw Self.refusal(of: text)
    }
    guard HostRule.allows(String(host)) else { throw Self.refusal(of: text) }
    self.init(host: String(host), port: port)
  }

  private static func port(_ digits: Substring) -> UInt16? {
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return UInt16(digits).flatMap { $0 > 0 ? $0 : nil }
  }

  private static func refusal(of text: String) -> Failure {
    Failure(
      .usage, "\"\(text.sanitized(limit: 80))\" is not HOST:PORT",
      hint: "write it like localhost:22 or [::1]:22")
  }
}

/// The grammar of host names and addresses that come from the user's own files.
enum HostRule {
  static func allows(_ host: String) -> Bool {
    guard host.contains(":") else { return NameRule.broken(by: host) == nil }
    return host.utf8.count <= 45
      && host.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: ":"), UInt8(ascii: "a")...UInt8(ascii: "f"),
          UInt8(ascii: "A")...UInt8(ascii: "F"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }
}
