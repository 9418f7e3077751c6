public import SystemIO

/// Who turns a name into a session.
public enum ProviderKind: String, Sendable, CaseIterable {
  case prime, dedalus, tensorpool
  /// A fixed host and port.
  case `static`
  /// A program of the user's own.
  case command

  /// The providers with an API of their own: those that have a suffix, a key and a base URL.
  public static let vendors: [ProviderKind] = [.prime, .dedalus, .tensorpool]

  /// The provider's name as its owners write it.
  public var title: String {
    switch self {
    case .prime: "Prime Intellect"
    case .dedalus: "Dedalus"
    case .tensorpool: "TensorPool"
    case .static: "a fixed host"
    case .command: "a command"
    }
  }
}

/// What an alias means: the machine, and all that its provider needs to open a session to it.
public struct Target: Sendable, Equatable {
  public let alias: Alias
  /// The machine's id at its provider; for a static host the alias itself.
  public let id: String
  public let settings: Settings
  public let route: Route

  public init(alias: Alias, id: String, settings: Settings, route: Route = .direct) {
    self.alias = alias
    self.id = id
    self.settings = settings
    self.route = route
  }

  /// What one provider needs, and no other.
  public enum Settings: Sendable, Equatable {
    /// `ttl` is the life that is asked for, in seconds.
    case prime(baseURL: String, ttl: Int)
    case dedalus(baseURL: String, organization: String?)
    case tensorpool(baseURL: String)
    case `static`(host: String, port: UInt16)
    /// The program and its arguments, at least one word.
    case command([String])
  }

  public var provider: ProviderKind {
    switch settings {
    case .prime: .prime
    case .dedalus: .dedalus
    case .tensorpool: .tensorpool
    case .static: .static
    case .command: .command
    }
  }

  /// All that decides where the alias leads, to be compared: a session that was made for other
  /// words is not this target's.
  var meaning: String {
    let place: [String]
    switch settings {
    case .prime(let baseURL, _), .tensorpool(let baseURL): place = [baseURL]
    case .dedalus(let baseURL, let organization): place = [baseURL, organization ?? ""]
    case .static(let host, let port): place = [host, String(port)]
    case .command(let words): place = words
    }
    var words = [provider.rawValue, id] + place
    if case .jump(let goal) = route { words += ["jump", goal.host, String(goal.port)] }
    return words.joined(separator: "\n")
  }

  /// How ssh's stream reaches the machine.
  public enum Route: Sendable, Equatable {
    /// To the endpoint of the session.
    case direct
    /// Through the endpoint, from there to another SSH server.
    case jump(to: HostAndPort)
  }
}

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
      .usage, "\"\(text.shown(limit: 80))\" is not HOST:PORT",
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
