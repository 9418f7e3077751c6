public import SystemIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What the user has connections go through: the value of `through` in `config.toml`.
public enum ThroughSetting: Sendable, Equatable {
  /// A proxy that is spoken to natively. The password is secret.
  public struct Proxy: Sendable, Equatable {
    /// Where it is dialled.
    public let address: HostAndPort
    /// Empty for none.
    public let user: String
    let password: String
  }

  case http(Proxy)
  case socks5(Proxy)
  /// A command like ssh's ProxyCommand, with `%h` and `%p` in it.
  case command(String)

  /// The proxy to dial; `nil` for a command, which dials by itself.
  public var proxy: HostAndPort? {
    switch self {
    case .http(let proxy), .socks5(let proxy): proxy.address
    case .command: nil
    }
  }

  var password: String? {
    switch self {
    case .http(let proxy), .socks5(let proxy): proxy.password.isEmpty ? nil : proxy.password
    case .command: nil
    }
  }

  /// For people, and for what decides where an alias leads: without the password.
  public var text: String {
    func url(_ scheme: String, _ proxy: Proxy) -> String {
      let user = proxy.user.isEmpty ? "" : proxy.user.sanitized(limit: 40) + "@"
      return "\(scheme)://\(user)\(proxy.address.text)"
    }
    return switch self {
    case .http(let proxy): url("http", proxy)
    case .socks5(let proxy): url("socks5", proxy)
    case .command(let text): text.sanitized(limit: 200)
    }
  }

  /// The way to one endpoint, whose host has been checked: it is put into the command as it stands.
  public func applied(to endpoint: HostAndPort) -> Through {
    switch self {
    case .http(let proxy):
      let pair = Array("\(proxy.user):\(proxy.password)".utf8)
      return .http(
        endpoint,
        authorization: proxy.user.isEmpty ? nil : "Basic " + Data(pair).base64EncodedString())
    case .socks5(let proxy):
      return .socks5(endpoint, user: proxy.user, password: proxy.password)
    case .command(let text):
      var result = ""
      var rest = text[...]
      while let sign = rest.firstIndex(of: "%") {
        result += rest[..<sign]
        let letter = rest.index(after: sign)
        switch rest[letter] {
        case "h": result += endpoint.host
        case "p": result += String(endpoint.port)
        default: result += "%"
        }
        rest = rest[rest.index(after: letter)...]
      }
      return .command(result + rest)
    }
  }

  /// - Returns: `nil` for `direct`.
  /// - Throws: `.usage`, saying what is wrong with the text; it is not quoted, for it may hold a password.
  static func read(_ text: String) throws(Failure) -> ThroughSetting? {
    if text == "direct" { return nil }
    guard text.utf8.count <= 4096, !text.utf8.contains(where: \.isControl) else {
      throw refusal("has a control character, or more than 4096 bytes")
    }
    let (scheme, rest) = UserHostPort.parts(of: text)
    guard let scheme, scheme.utf8.allSatisfy(\.isAlphanumeric) else {
      return try checked(command: text)
    }
    switch scheme.lowercased() {
    case "http": return .http(try proxy(rest))
    case "socks5", "socks5h": return .socks5(try proxy(rest))
    default: throw refusal("begins with neither http:// nor socks5://")
    }
  }

  private static func checked(command text: String) throws(Failure) -> ThroughSetting {
    var rest = text[...]
    while let sign = rest.firstIndex(of: "%") {
      let letter = rest.index(after: sign)
      guard letter < rest.endIndex, "hp%".contains(rest[letter]) else {
        throw refusal("has a % that is none of %h, %p and %%")
      }
      rest = rest[rest.index(after: letter)...]
    }
    return .command(text)
  }

  private static func proxy(_ text: Substring) throws(Failure) -> Proxy {
    let parts = UserHostPort(text.hasSuffix("/") ? text.dropLast() : text)
    var (user, password) = ("", "")
    if let login = parts?.user {
      let pair = login.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = decoded(pair[0]), let word = decoded(pair.count > 1 ? pair[1] : ""),
        (1...255).contains(name.utf8.count), word.utf8.count <= 255
      else { throw refusal("has a user name or password that cannot be used") }
      (user, password) = (name, word)
    }
    guard let address = parts.flatMap({ HostAndPort($0) }) else {
      throw refusal("does not end in HOST:PORT")
    }
    return Proxy(address: address, user: user, password: password)
  }

  /// `nil` for what is not percent-encoded, or hides a control character.
  private static func decoded(_ text: Substring) -> String? {
    guard let bytes = text.percentDecoded, !bytes.contains(where: \.isControl) else {
      return nil
    }
    return String(validating: bytes, as: UTF8.self)
  }

  private static func refusal(_ problem: String) -> Failure {
    Failure(
      .usage, problem,
      hint: "write a command like `ssh -W %h:%p bastion`, http://proxy:3128, socks5://proxy:1080, "
        + "or direct")
  }
}

extension ThroughSetting {
  /// What one table of `config.toml` says.
  enum Choice: Sendable, Equatable {
    /// Nothing: what stands above it counts.
    case inherited
    case chosen(ThroughSetting?)

    init(_ section: TOMLSection) throws(Failure) {
      guard let text = try section.string("through") else {
        self = .inherited
        return
      }
      let found: ThroughSetting?
      do throws(Failure) {
        found = try ThroughSetting.read(text)
      } catch {
        throw section.failure(
          "through", "\"through\"\(section.place) \(error.message)", hint: error.hint)
      }
      if found?.password != nil {
        try section.requirePrivacy("through", for: "a proxy's password")
      }
      self = .chosen(found)
    }

    /// The nearest choice, from the nearest table to the most general one.
    static func nearest(_ choices: [Choice?]) -> ThroughSetting? {
      for case .chosen(let through)? in choices { return through }
      return nil
    }

    var password: String? {
      if case .chosen(let through) = self { through?.password } else { nil }
    }
  }
}
