/// A host name or numeric address, and a TCP port.
public struct HostAndPort: Hashable, Sendable {
  /// Without brackets.
  public let host: String
  /// 1 to 65535.
  public let port: UInt16

  /// What is not from a checked source is read by the initializers below.
  public init(host: String, port: UInt16) {
    self.host = host
    self.port = port
  }

  /// Reads `HOST:PORT` or `[ADDRESS]:PORT`.
  /// - Returns: `nil` for anything else, or what breaks `Grammar`.
  public init?(reading text: String) {
    guard let parts = UserHostPort(text[...]), parts.user == nil else { return nil }
    self.init(parts)
  }

  /// The place that the parts name, whoever logs in there.
  /// - Returns: `nil` without a port, or for what breaks `Grammar`.
  public init?(_ parts: UserHostPort) {
    let host = String(parts.host)
    guard let port = parts.port.flatMap({ Grammar.port($0) }), Grammar.isHost(host) else {
      return nil
    }
    self.init(host: host, port: UInt16(port))
  }

  /// `HOST:PORT`, an address with colons in brackets.
  public var text: String { "\(Self.bracketed(host)):\(port)" }

  /// As messages have it: `HOST port PORT`.
  public var words: String { "\(host) port \(port)" }

  /// A host as it stands before a colon and a port: an address with colons in brackets.
  static func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }

  /// The name in known_hosts files (sshd(8)): `host` for port 22, else `[host]:port`.
  public var knownHostsName: String { Self.knownHostsName(of: host, port: Int(port)) }

  /// The same, for a port that has not been checked.
  public static func knownHostsName(of host: String, port: Int) -> String {
    port == 22 ? host : nameWithPort(host, port)
  }

  /// All names that a line in known_hosts files may have for the place.
  public var knownHostsNames: [String] { [host, Self.nameWithPort(host, Int(port))] }

  private static func nameWithPort(_ host: String, _ port: Int) -> String { "[\(host)]:\(port)" }

  /// The host and port of a name in known_hosts files: `host` is at port 22.
  /// - Returns: `nil` for what breaks `Grammar`.
  public init?(knownHostsName name: String) {
    guard name.first == "[" else {
      guard Grammar.isHost(name) else { return nil }
      self.init(host: name, port: 22)
      return
    }
    guard let close = name.lastIndex(of: "]"), name[close...].hasPrefix("]:"),
      let port = Grammar.port(name[close...].dropFirst(2))
    else { return nil }
    let host = String(name[..<close].dropFirst())
    guard Grammar.isHost(host) else { return nil }
    self.init(host: host, port: UInt16(port))
  }
}
