internal import OpenSSH
public import SystemIO

/// A host name or numeric address, and a TCP port.
public struct HostAndPort: Sendable, Equatable, Codable {
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
      let port = Grammar.port(text[text.index(after: colon)...])
    else { throw Self.refusal(of: text) }
    var host = text[..<colon]
    let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
    if isBracketed { host = host.dropFirst().dropLast() }
    guard host.contains(":") == isBracketed, Grammar.isHost(String(host)) else {
      throw Self.refusal(of: text)
    }
    self.init(host: String(host), port: UInt16(port))
  }

  /// `HOST:PORT`, an address with colons in brackets.
  public var text: String { "\(bracketedHost):\(port)" }

  private var bracketedHost: String { host.contains(":") ? "[\(host)]" : host }

  private static func refusal(of text: String) -> Failure {
    Failure(
      .usage, "\"\(text.sanitized(limit: 80))\" is not HOST:PORT",
      hint: "write it like localhost:22 or [::1]:22")
  }
}
