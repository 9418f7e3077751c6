public import SystemIO

/// The base URL of an API, to which the user's key is sent.
public enum BaseURL {
  /// The URL without a slash at its end.
  /// - Parameter origin: the variable or file that it comes from, for messages.
  /// - Throws: `.configuration` for anything but `https://`, or `http://` to this computer.
  public static func checked(_ text: String, origin: String) throws(Failure) -> String {
    func refusal(_ problem: String) -> Failure {
      Failure(
        .configuration, step: "read the configuration",
        "the base URL in \(origin) \(problem): \"\(withoutSecrets(text).sanitized(limit: 120))\"",
        hint: "write it like https://api.example.com")
    }
    let secure = "https://"
    let plain = "http://"
    let lower = text.lowercased()
    let scheme = lower.hasPrefix(secure) ? secure : plain
    guard lower.hasPrefix(scheme) else { throw refusal("does not begin with https://") }
    let rest = text.dropFirst(scheme.count)
    let authority = rest.prefix { $0 != "/" }
    guard text.utf8.count <= 2048, rest.utf8.allSatisfy(isAllowed) else {
      throw refusal("has a user name, a query, a fragment or a character that no URL has")
    }
    guard let host = host(of: UserHostPort(authority)) else { throw refusal("names no host") }
    guard scheme == secure || isLoopback(host) else {
      throw refusal("would send your key unencrypted")
    }
    var path = rest.dropFirst(authority.count)
    while path.hasSuffix("/") { path.removeLast() }
    guard !path.split(separator: "/").contains(where: { $0 == "." || $0 == ".." }) else {
      throw refusal("has a dot as a part of its path")
    }
    return scheme + authority + path
  }

  /// What may be shown of a text that is no base URL: its user name, query or fragment may hold a password or a
  /// key.
  private static func withoutSecrets(_ text: String) -> String {
    let marks = "@?#".unicodeScalars
    guard text.unicodeScalars.contains(where: marks.contains) else { return text }
    let scheme = text.firstIndex(of: ":").map { text[...$0] + "//" } ?? ""
    return ["https://", "http://"].contains(scheme.lowercased()) ? scheme + "…" : "…"
  }

  /// The host of a checked base URL, without brackets.
  public static func host(of url: String) -> String? { host(of: UserHostPort(url: url)) }

  /// Whether a checked base URL names this computer.
  static func isOnLoopback(_ url: String) -> Bool { host(of: url).map(isLoopback) ?? false }

  /// The host without brackets; `nil` unless it is `HOST` or `HOST:PORT`.
  private static func host(of parts: UserHostPort?) -> String? {
    guard let parts, parts.user == nil, parts.port.map({ Grammar.port($0) != nil }) ?? true else {
      return nil
    }
    let host = String(parts.host)
    return Grammar.isHost(host) ? host : nil
  }

  private static func isLoopback(_ host: String) -> Bool {
    host.lowercased() == "localhost" || host == "::1"
      || (Grammar.isIPv4(host) && host.hasPrefix("127."))
  }

  private static func isAllowed(_ byte: UInt8) -> Bool {
    byte.isAlphanumeric || Array("/.-_~:[]+,=".utf8).contains(byte)
  }
}
