/// `[USER@]HOST[:PORT]` in its parts, as a URL has them (RFC 3986, section 3.2). They are split, and not
/// checked.
public struct UserHostPort {
  /// What stands before the last `@`, where ssh and libcurl split it, too; `nil` where there is none.
  public let user: Substring?
  /// Without brackets; only an address with colons had them.
  public let host: Substring
  /// What follows the colon behind the host; `nil` where there is none.
  public let port: Substring?

  /// - Returns: `nil` where brackets are not closed, hold no colon, or have more behind them than a port.
  public init?(_ text: Substring) {
    var rest = text
    user = Self.takeUser(&rest)
    let end: Substring.Index
    if rest.first == "[" {
      guard let close = rest.firstIndex(of: "]") else { return nil }
      host = rest[..<close].dropFirst()
      end = rest.index(after: close)
      guard host.contains(":"), end == rest.endIndex || rest[end] == ":" else { return nil }
    } else {
      end = rest.firstIndex(of: ":") ?? rest.endIndex
      host = rest[..<end]
    }
    port = end == rest.endIndex ? nil : rest[end...].dropFirst()
  }

  /// Cuts `USER@` off.
  public static func takeUser(_ text: inout Substring) -> Substring? {
    guard let at = text.lastIndex(of: "@") else { return nil }
    defer { text = text[at...].dropFirst() }
    return text[..<at]
  }

  /// The user, host and port of a URL. Its scheme may be missing.
  /// - Returns: `nil` as above.
  public init?(url: String) {
    self.init(Self.parts(of: url).rest.prefix { $0 != "/" })
  }

  /// A URL's scheme, `nil` for none, and what follows its `://`.
  public static func parts(of url: String) -> (scheme: Substring?, rest: Substring) {
    guard let end = url.firstIndex(of: ":"), url[end...].hasPrefix("://") else {
      return (nil, url[...])
    }
    return (url[..<end], url[end...].dropFirst(3))
  }
}
