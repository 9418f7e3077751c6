/// One hop of a `ProxyJump` (ssh(1), `-J`): `[user@]host[:port]`, or the same as an `ssh://` URL.
public struct JumpHost: Hashable, Sendable {
  /// `nil` where it is ssh's to choose.
  public let login: String?
  /// A name or an address, without brackets.
  public let host: String
  /// 1 to 65535; `nil` for ssh's usual one.
  public let port: Int?

  /// - Returns: `nil` for a text that is not of this form, or breaks `Grammar`.
  public init?(_ text: String) {
    let scheme = "ssh://"
    let isURL = text.hasPrefix(scheme)
    var rest = isURL ? text.dropFirst(scheme.count) : text[...]
    if isURL, rest.hasSuffix("/") { rest = rest.dropLast() }
    guard let parts = UserHostPort(rest) else { return nil }
    login = parts.user.map(String.init)
    host = String(parts.host)
    port = parts.port.flatMap { Grammar.port($0) }
    guard Grammar.isHost(host), login.map(Grammar.isLogin) ?? true,
      (port == nil) == (parts.port == nil)
    else { return nil }
  }

  /// The hops of a comma-separated list, at most eight; `nil` when one of them is invalid.
  public static func list(_ text: String) -> [JumpHost]? {
    let parts = text.split(separator: ",", omittingEmptySubsequences: false)
    guard parts.count <= 8 else { return nil }
    let hops = parts.compactMap { JumpHost(String($0)) }
    return hops.count == parts.count ? hops : nil
  }

  /// `[user@]host[:port]`, the address in brackets if it has colons.
  public var text: String {
    (login.map { "\($0)@" } ?? "") + HostAndPort.bracketed(host) + (port.map { ":\($0)" } ?? "")
  }
}
