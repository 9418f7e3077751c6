internal import COpenSSL
public import SystemIO

/// The lines of known_hosts files (sshd(8), SSH_KNOWN_HOSTS FILE FORMAT).
///
/// A malformed line, or one with an unknown kind of key, is skipped, as in ssh.
public struct KnownHosts: Sendable {
  /// The keys that the files list for one name.
  public struct Verdict: Equatable, Sendable {
    /// The host's own keys.
    public var keys: [PublicKey] = []
    /// The keys whose host certificates are accepted (`@cert-authority`).
    public var authorities: [PublicKey] = []
    /// Keys that must never be accepted, neither as the host's nor as an authority (`@revoked`).
    public var revoked: [PublicKey] = []

    /// No key at all.
    public init() {}
  }

  private enum Marker: String {
    case authority = "@cert-authority"
    case revoked = "@revoked"
  }

  private struct Entry {
    var marker: Marker?
    /// A pattern list, or `|1|salt|hash`.
    var names: String
    var key: PublicKey
  }

  private var entries: [Entry] = []

  /// - Parameter texts: the contents of the files, in the order in which ssh reads them.
  public init(_ texts: [String]) {
    for text in texts {
      for line in text.utf8.split(whereSeparator: { $0 == "\n" }) {
        if let entry = Self.entry(line) { entries.append(entry) }
      }
    }
  }

  private static func entry(_ line: Substring.UTF8View) -> Entry? {
    var words = line.split { $0 == " " || $0 == "\t" || $0 == "\r" }[...]
    guard let first = words.first, !first.starts(with: "#".utf8) else { return nil }
    var marker: Marker?
    if first.starts(with: "@".utf8) {
      guard let known = Marker(rawValue: String(Substring(first))) else { return nil }
      marker = known
      words.removeFirst()
    }
    guard words.count >= 3, let names = words.popFirst(), let kind = words.popFirst(),
      let base64 = words.popFirst(),
      let key = try? PublicKey(line: "\(Substring(kind)) \(Substring(base64))")
    else { return nil }
    return Entry(marker: marker, names: String(Substring(names)), key: key)
  }

  /// The keys of `host` at `port`, under the name that ssh looks up: `host` for port 22, else
  /// `[host]:port`.
  public func lookup(host: String, port: Int) -> Verdict {
    lookup(name: HostAndPort.knownHostsName(of: host, port: port))
  }

  /// The keys under a name as it is written in the files: a host key alias, `[host]:port`.
  public func lookup(name: String) -> Verdict {
    let name = String(decoding: name.utf8.map(\.lowercased), as: UTF8.self)
    var verdict = Verdict()
    for entry in entries where Self.matches(name, entry.names) {
      switch entry.marker {
      case nil: verdict.keys.append(entry.key)
      case .authority: verdict.authorities.append(entry.key)
      case .revoked: verdict.revoked.append(entry.key)
      }
    }
    return verdict
  }

  /// The keys that must never be accepted for `host`, whichever of its names the line has: with the
  /// port or without.
  public func revoked(host: String, port: Int) -> [PublicKey] {
    lookup(host: host, port: port).revoked + lookup(name: host).revoked
  }

  /// A line to be appended to a known_hosts file, without its line end.
  /// - Parameter hashed: whether the name is hidden, as by `HashKnownHosts yes`.
  /// - Throws: `.invalidResponse` for a host or port outside the grammar, `.internalError` without random numbers.
  public static func line(
    host: String, port: Int, key: PublicKey, hashed: Bool = false
  ) throws(Failure) -> String {
    guard Grammar.isHost(host), Grammar.isPort(port) else {
      throw Failure(
        .invalidResponse, step: "remember the host key",
        "\(host.sanitized(limit: 80)) is not a host's name")
    }
    let name = String(
      decoding: HostAndPort.knownHostsName(of: host, port: port).utf8.map(\.lowercased),
      as: UTF8.self)
    guard hashed else { return "\(name) \(key.line)" }
    var salt = [UInt8](repeating: 0, count: hashLength)
    guard RAND_bytes(&salt, Int32(salt.count)) == 1 else {
      throw Failure(
        .internalError, step: "remember the host key",
        "OpenSSL has no random numbers" + OpenSSLErrors.take())
    }
    let hash = Base64.encode(hash(name, salt: salt))
    return "|1|\(Base64.encode(salt))|\(hash) \(key.line)"
  }

  private static func matches(_ name: String, _ names: String) -> Bool {
    guard names.hasPrefix("|") else { return HostPattern.matches(name, names) }
    let parts = names.utf8.parts(by: "|")
    guard parts.count == 4, parts[1].elementsEqual("1".utf8),
      let salt = Base64.decode(parts[2]), salt.count == hashLength,
      let expected = Base64.decode(parts[3])
    else { return false }
    return expected == hash(name, salt: salt)
  }

  // The format requires SHA-1, which only hides names here.
  private static let hashLength = 20

  private static func hash(_ name: String, salt: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: hashLength)
    var length: UInt32 = 0
    let bytes = Array(name.utf8)
    HMAC(EVP_sha1(), salt, Int32(salt.count), bytes, bytes.count, &digest, &length)
    return digest
  }
}
