public import SystemIO

/// What `connect` needs to know of a session: where it is, how it begins, how long it lives.
///
/// It holds no secret but a proxy's password, and every field was checked before it was stored.
public struct SessionRecord: Equatable, Sendable {
  /// How the stream is made.
  public enum Stream: String, Sendable {
    /// A TCP connection to one of `addresses`.
    case direct
    /// Through an SSH session of ours, or a host named by the provider: `sshproxy-session` does it.
    case indirect
  }

  /// The name of the session's directory, unique on this machine.
  public var name: String
  /// The alias as people write it, for messages.
  public var alias: String
  /// When the provider was asked; Unix seconds, like all times here.
  public var created: Int64
  /// From then on `prepare` makes a new session.
  public var renewAfter: Int64
  /// From then on the session is of no use.
  public var expires: Int64
  /// From then on `prepare` has the session renewed behind ssh's back; `renewAfter` for never.
  public var renewFrom: Int64
  /// Whether `prepare` may have the provider asked behind ssh's back whether the session still exists.
  public var isAskable: Bool
  /// Milliseconds from the alias to the server's first byte, by configuration.
  public var deadline: Int
  /// Milliseconds of the deadline that making the session has used.
  public var opening: Int
  /// How the bytes reach the endpoint.
  public var stream: Stream
  /// Whether ssh needs a login and a key that only the generated configuration names.
  public var bringsCredentials: Bool
  /// The place that the provider named.
  public var endpoint: HostAndPort
  /// Sent before ssh's first byte; not replayed to ssh.
  public var preamble: [UInt8]
  /// Those that are dialled, in order of preference.
  public var addresses: [SocketAddress]
  /// What the connection goes through; then `addresses` are the proxy's, and none for a command.
  public var through: Through?
  /// The absolute path of the session's directory when it was written, which ssh's block holds too;
  /// `nil` where nothing depends on it.
  public var directory: String?

  /// - Parameters: see the properties; without `renewFrom`, the session is never renewed behind ssh's back.
  public init(
    name: String, alias: String, created: Int64, renewAfter: Int64, expires: Int64, deadline: Int,
    opening: Int, stream: Stream, bringsCredentials: Bool, endpoint: HostAndPort, preamble: [UInt8],
    addresses: [SocketAddress], through: Through? = nil, directory: String? = nil,
    renewFrom: Int64? = nil, isAskable: Bool = false
  ) {
    self.name = name
    self.alias = alias
    self.created = created
    self.renewAfter = renewAfter
    self.expires = expires
    self.deadline = deadline
    self.opening = opening
    self.stream = stream
    self.bringsCredentials = bringsCredentials
    self.endpoint = endpoint
    self.preamble = preamble
    self.addresses = addresses
    self.through = through
    self.directory = directory
    self.renewFrom = renewFrom ?? renewAfter
    self.isAskable = isAskable
  }

  /// The endpoint and how it is reached, as one text to compare: behind a host of the provider's, any machine
  /// may claim to be a host that ssh knows from a direct connection.
  public var endpointIdentity: String { Self.endpointIdentity(stream, endpoint) }

  /// The same of a place and how it is reached.
  public static func endpointIdentity(_ stream: Stream, _ endpoint: HostAndPort) -> String {
    "\(stream.rawValue) \(endpoint.words)"
  }

  /// Whether `prepare` has nothing to do. A clock that was set back makes a session doubtful.
  /// - Parameter now: Unix seconds.
  public func isFresh(at now: Int64) -> Bool { now < renewAfter && now >= created - 60 }

  /// A session older than this, in milliseconds, was made for an earlier ssh or command.
  private static let mostOfJustMade: Int64 = 2000

  /// Whether the session was made for the very program that uses it: then the provider knows it, and need not be
  /// asked.
  /// - Parameter now: Unix milliseconds.
  public func isJustMade(at now: Int64) -> Bool {
    let made = Int64.milliseconds(seconds: created).saturatingAdding(Int64(opening))
    return now.saturatingSubtracting(made) <= Self.mostOfJustMade
  }

  /// Whether the session can still be used.
  public func isAlive(at now: Int64) -> Bool { now < expires && now >= created - 60 }
}

extension Failure {
  /// For a session that leads elsewhere than the one that ssh has read of: ssh would take the new machine's key
  /// for the old one's, and record it so.
  /// - Parameter endpoint: where it is by now.
  public static func moved(to endpoint: HostAndPort) -> Failure {
    Failure(
      .temporary,
      "the machine is at another place by now, \(endpoint.words.sanitized(limit: 300))",
      hint: "run it again, with what `sshproxy resolve --ssh-config` says now if that is in use")
  }

  /// For a session that ssh has read nothing of: it would believe the host by the user's own settings, under the
  /// alias or the name of a host before it.
  public static var unread: Failure {
    Failure(
      .temporary, "there is a session by now, but ssh has read nothing of it", hint: "run it again")
  }
}

/// The record as a file: a line a field, `name value`, in a fixed order, so that reading it needs
/// no parser to be loaded. Anything unexpected makes the whole file no record.
extension SessionRecord {
  /// Its name in the session's directory.
  public static let fileName = "record"
  /// No record is larger, in bytes.
  public static let sizeLimit = 16 * 1024

  private static let heading = "sshproxy record 3"

  /// The file's text, ending in a line end.
  public var fileText: String {
    var lines = [
      Self.heading, "name \(name)", "alias \(alias)", "created \(created)",
      "renew-after \(renewAfter)", "expires \(expires)", "renew-from \(renewFrom)",
      "askable \(isAskable ? "yes" : "no")", "deadline \(deadline)",
      "opening \(opening)", "stream \(stream.rawValue)",
      "credentials \(bringsCredentials ? "yes" : "no")",
      "endpoint \(endpoint.host) \(endpoint.port)",
      "preamble \(Hexadecimal.encode(preamble))",
      "directory \(Hexadecimal.encode(Array((directory ?? "").utf8)))",
      "through \(ThroughText.encode(through))",
    ]
    lines += addresses.map { "address \($0.host) \($0.port)" }
    return lines.joined(separator: "\n") + "\n"
  }

  /// - Returns: `nil` when the bytes are not a record that this version wrote.
  public init?(fileBytes bytes: [UInt8]) {
    guard bytes.count <= Self.sizeLimit, bytes.last == UInt8(ascii: "\n") else { return nil }
    var lines = RecordLines(bytes)
    guard lines.next() == Self.heading,
      let name = lines.value(of: "name"), let alias = lines.value(of: "alias"),
      let created = lines.number(of: "created"), let renewAfter = lines.number(of: "renew-after"),
      let expires = lines.number(of: "expires"), let renewFrom = lines.number(of: "renew-from"),
      let askable = lines.value(of: "askable"), ["yes", "no"].contains(askable),
      let deadline = lines.number(of: "deadline"),
      let opening = lines.number(of: "opening"),
      let stream = lines.value(of: "stream").flatMap(Stream.init(rawValue:)),
      let credentials = lines.value(of: "credentials"), ["yes", "no"].contains(credentials),
      let endpoint = lines.place(of: "endpoint"),
      let preamble = lines.value(of: "preamble").flatMap(Hexadecimal.decode),
      let directory = lines.value(of: "directory").flatMap(Hexadecimal.decode),
      let through = lines.value(of: "through").flatMap(ThroughText.decode),
      let deadline = Int(exactly: deadline), let opening = Int(exactly: opening)
    else { return nil }
    var addresses: [SocketAddress] = []
    while let line = lines.next() {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      guard words.count == 3, words[0] == "address", let port = UInt16(words[2]),
        let address = SocketAddress(host: String(words[1]), port: port)
      else { return nil }
      addresses.append(address)
    }
    guard !addresses.isEmpty || stream == .indirect || through.isCommand else { return nil }
    self.init(
      name: name, alias: alias, created: created, renewAfter: renewAfter, expires: expires,
      deadline: deadline, opening: opening, stream: stream, bringsCredentials: credentials == "yes",
      endpoint: endpoint, preamble: preamble, addresses: addresses, through: through.value,
      directory: directory.isEmpty ? nil : String(validating: directory, as: UTF8.self),
      renewFrom: renewFrom, isAskable: askable == "yes")
  }
}

/// The lines of a record, one after the other.
private struct RecordLines {
  private var rest: ArraySlice<UInt8>

  init(_ bytes: [UInt8]) {
    rest = bytes[...]
  }

  mutating func next() -> String? {
    guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else { return nil }
    defer { rest = rest[(end + 1)...] }
    return String(validating: rest[..<end], as: UTF8.self)
  }

  mutating func value(of name: String) -> String? {
    guard let line = next(), line.hasPrefix(name + " ") else { return nil }
    return String(line.dropFirst(name.count + 1))
  }

  mutating func place(of name: String) -> HostAndPort? {
    guard let words = value(of: name)?.split(separator: " ", omittingEmptySubsequences: false),
      words.count == 2, Grammar.isHost(String(words[0])), let port = UInt16(words[1])
    else { return nil }
    return HostAndPort(host: String(words[0]), port: port)
  }

  mutating func number(of name: String) -> Int64? {
    guard let value = value(of: name), let number = Int64(value), number >= 0 else { return nil }
    return number
  }
}

/// What a connection goes through as the words of one line; `-` for none.
private enum ThroughText {
  struct Found {
    let value: Through?

    /// A command dials by itself, so that no address is needed.
    var isCommand: Bool {
      if case .command = value { true } else { false }
    }
  }

  static func encode(_ through: Through?) -> String {
    func hex(_ text: String) -> String { Hexadecimal.encode(Array(text.utf8)) }
    return switch through {
    case nil: "-"
    case .http(let destination, let authorization):
      "http \(hex(destination.host)) \(destination.port) \(hex(authorization ?? ""))"
    case .socks5(let destination, let user, let password):
      "socks5 \(hex(destination.host)) \(destination.port) \(hex(user)) \(hex(password))"
    case .command(let text): "command \(hex(text))"
    }
  }

  static func decode(_ text: String) -> Found? {
    if text == "-" { return Found(value: nil) }
    let words = text.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    func word(_ index: Int) -> String? {
      Hexadecimal.decode(words[index]).flatMap { String(validating: $0, as: UTF8.self) }
    }
    func destination() -> HostAndPort? {
      guard let host = word(1), !host.isEmpty, let port = UInt16(words[2]), port > 0 else {
        return nil
      }
      return HostAndPort(host: host, port: port)
    }
    switch (words[0], words.count) {
    case ("http", 4):
      guard let destination = destination(), let authorization = word(3) else { return nil }
      return Found(
        value: .http(destination, authorization: authorization.isEmpty ? nil : authorization))
    case ("socks5", 5):
      guard let destination = destination(), let user = word(3), let password = word(4) else {
        return nil
      }
      return Found(value: .socks5(destination, user: user, password: password))
    case ("command", 2):
      guard let text = word(1), !text.isEmpty else { return nil }
      return Found(value: .command(text))
    default: return nil
    }
  }
}

/// Bytes as pairs of hexadecimal digits; `-` for none.
private enum Hexadecimal {
  private static let digits = Array("0123456789abcdef".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    guard !bytes.isEmpty else { return "-" }
    let pairs = bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }
    return String(decoding: pairs, as: UTF8.self)
  }

  static func decode(_ text: String) -> [UInt8]? {
    if text == "-" { return [] }
    let values = text.utf8.map { digits.firstIndex(of: $0) }
    guard !values.isEmpty, values.count.isMultiple(of: 2) else { return nil }
    var bytes: [UInt8] = []
    for index in stride(from: 0, to: values.count, by: 2) {
      guard let high = values[index], let low = values[index + 1] else { return nil }
      bytes.append(UInt8(high << 4 | low))
    }
    return bytes
  }
}
