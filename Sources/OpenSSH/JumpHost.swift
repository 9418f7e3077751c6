/// One hop of a `ProxyJump`: `[user@]host[:port]` or `ssh://[user@]host[:port][/]`, as ssh(1), `-J`.
struct JumpHost: Equatable {
  var login: String?
  /// A name or an address, without brackets.
  var host: String
  var port: Int?

  /// nil when the text is outside the grammar of `Grammar`.
  init?(_ text: some StringProtocol) {
    let scheme = "ssh://"
    // ssh compares the scheme without regard to case.
    let isURL = text.lowercased().hasPrefix(scheme)
    var rest = String(isURL ? text.dropFirst(scheme.count) : text[...])
    if isURL, rest.hasSuffix("/") { rest.removeLast() }
    if let at = rest.lastIndex(of: "@") {
      let login = String(rest[..<at])
      guard Grammar.isLogin(login) else { return nil }
      self.login = login
      rest = String(rest[rest.index(after: at)...])
    }
    if rest.first == "[" {
      guard let close = rest.firstIndex(of: "]") else { return nil }
      host = String(rest[..<close].dropFirst())
      rest = String(rest[rest.index(after: close)...])
    } else {
      let colon = rest.firstIndex(of: ":") ?? rest.endIndex
      host = String(rest[..<colon])
      rest = String(rest[colon...])
    }
    guard Grammar.isHost(host) else { return nil }
    if !rest.isEmpty {
      guard rest.first == ":", let port = Grammar.port(rest.dropFirst()) else { return nil }
      self.port = port
    }
  }

  /// Whether `text` is a list of hops, at most eight, or `none`.
  static func isList(_ text: String) -> Bool {
    let hops = text.split(separator: ",", omittingEmptySubsequences: false)
    return text == "none" || (hops.count <= 8 && hops.allSatisfy { JumpHost($0) != nil })
  }
}
