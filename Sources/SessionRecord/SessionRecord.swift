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
  public var stream: Stream
  /// Whether ssh needs a login and a key that only the generated configuration names.
  public var bringsCredentials: Bool
  /// `HostAndPort.words` of what the provider named.
  public var endpoint: String
  /// Sent before ssh's first byte; not replayed to ssh.
  public var preamble: [UInt8]
  /// Those that are dialled, in order of preference.
  public var addresses: [SocketAddress]
  /// What the connection goes through; then `addresses` are the proxy's, and none for a command.
  public var passage: Passage?
  /// The absolute path of the session's directory when it was written, which ssh's block holds too;
  /// `nil` where nothing depends on it.
  public var directory: String?

  public init(
    name: String, alias: String, created: Int64, renewAfter: Int64, expires: Int64, deadline: Int,
    opening: Int, stream: Stream, bringsCredentials: Bool, endpoint: String, preamble: [UInt8],
    addresses: [SocketAddress], passage: Passage? = nil, directory: String? = nil,
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
    self.passage = passage
    self.directory = directory
    self.renewFrom = renewFrom ?? renewAfter
    self.isAskable = isAskable
  }

  /// The endpoint and how it is reached, as one text to compare. ssh has a name of the host's own for the key at
  /// the end of a direct way, and only there: behind a host of the provider's, any machine may say that it is
  /// that one.
  public var endpointIdentity: String { "\(stream.rawValue) \(endpoint)" }

  /// Whether `prepare` has nothing to do. A clock that was set back makes a session doubtful.
  /// - Parameter now: Unix seconds.
  public func isFresh(at now: Int64) -> Bool { now < renewAfter && now >= created - 60 }

  /// Whether the session can still be used.
  public func isAlive(at now: Int64) -> Bool { now < expires && now >= created - 60 }
}

extension Failure {
  /// For a session that leads elsewhere than the one that ssh has read of: ssh would take the new machine's key
  /// for the old one's, and record it so.
  /// - Parameter endpoint: as the record has it.
  public static func moved(to endpoint: String) -> Failure {
    Failure(
      .temporary,
      "the machine is at another place by now, \(endpoint.sanitized(limit: 300))",
      hint: "run it again, with what `sshproxy resolve --ssh-config` says now if that is in use")
  }
}
