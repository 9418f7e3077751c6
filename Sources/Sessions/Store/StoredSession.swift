public import Configuration
public import OpenSSH
public import SessionRecord
public import SystemIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Whose session an alias stands for: each has a pointer in the alias's folder, a link to a session's directory.
public enum SessionPointer: CaseIterable, Sendable {
  /// ssh's own, whatever kind of key sessions are configured to have.
  case ssh
  /// libssh2's, where a certificate needs a kind of key that it can use.
  case libSSH2

  var fileName: String {
    switch self {
    case .ssh: StateDirectory.currentName
    case .libSSH2: "\(StateDirectory.currentName)-\(KeyType.ecdsaP256.rawValue)"
    }
  }
}

/// A session on this machine.
public struct StoredSession: Sendable {
  /// What the hot program reads of it.
  public let record: SessionRecord
  /// What the provider answered, with the settings that were added when it was opened.
  public let session: Session
  /// The machine that it was made for.
  public let target: StoredTarget
  /// Of the session's own key.
  let keyType: KeyType
  /// The absolute path of the session's directory.
  public let directory: String

  /// Whether it was made for this very target. The configuration may have been edited since.
  func belongs(to target: Target) -> Bool { self.target == StoredTarget(target) }

  /// Whether its record has this way, password included.
  func goesThrough(_ through: ThroughSetting?) -> Bool {
    record.through == (session.jump == nil ? through?.applied(to: session.endpoint) : nil)
  }
}

extension SessionRecord {
  /// How far an ssh may be led that goes by the session's settings.
  public var reach: ProgramCall.Reach {
    stream == .direct ? .endpoint(endpoint) : .behind(endpoint)
  }
}

/// The part of a target that is stored with a session: enough to close it even when the configuration
/// no longer names the target.
public struct StoredTarget: Codable, Sendable, Equatable {
  /// In lower case.
  public let alias: String
  /// `ProviderKind.rawValue`.
  public let provider: String
  /// `Target.id`: an id or a name.
  public let id: String
  /// `Target.meaning` when the session was made.
  let meaning: String

  init(_ target: Target) {
    alias = target.alias.name
    provider = target.provider.rawValue
    id = target.id
    meaning = target.meaning
  }
}

extension StoredSession {
  /// The file `session.json`: what `sshproxy-session` reads besides the record.
  struct Contents: Codable {
    static let fileName = "session.json"
    /// In bytes.
    static let sizeLimit = 256 * 1024

    let session: Session
    let target: StoredTarget
    let keyType: KeyType

    func encodedText() throws(Failure) -> String {
      do {
        return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
      } catch {
        throw Failure(.internalError, step: "store the session", "it cannot be written as JSON")
      }
    }
  }
}

extension StoredSession.Contents {
  /// - Returns: `nil` for a file that this version did not write: state is made anew, not carried over.
  init?(_ bytes: [UInt8]) {
    guard let read = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else { return nil }
    let login = read.session.secretLogin?.reveal() ?? read.session.loginName
    guard login.map(Grammar.isLogin) ?? true else { return nil }
    self = read
  }
}

/// A session that has been opened at the provider and is not stored yet.
public struct NewSession: ~Copyable {
  /// What the provider answered, with the settings that are added to it.
  public let session: Session
  /// The machine that it is for.
  public let target: Target
  /// Its own key; of no use where the login is by the user's own, or a secret.
  public let key: KeyPair
  /// Whose it is.
  let pointer: SessionPointer
  /// The numeric addresses of the endpoint; none if ssh connects to it by itself.
  public let addresses: [SocketAddress]
  /// How long opening it took, in milliseconds; counts against the deadline.
  public let opening: Int
  /// The configured deadline, in seconds.
  public let deadline: Int
  /// The host keys that were recorded for this session before, where it is stored once more.
  var knownHosts: String?
  /// Whether it may be renewed and asked about when nobody is there.
  var worksUnattended = false

  /// - Parameters:
  ///   - pointer: whose it is.
  ///   - addresses: numeric; none if ssh connects to the endpoint by itself.
  ///   - opening: how long opening it took, in milliseconds.
  ///   - deadline: the configured one, in seconds.
  public init(
    session: Session, target: Target, key: consuming KeyPair, pointer: SessionPointer,
    addresses: [SocketAddress],
    opening: Int, deadline: Int
  ) {
    self.session = session
    self.target = target
    self.key = key
    self.pointer = pointer
    self.addresses = addresses
    self.opening = opening
    self.deadline = deadline
  }

  var alias: String { target.alias.name }

  /// The alias's pointers that are to lead to it: libssh2's, too, where it can use the key.
  var pointers: [SessionPointer] {
    let own: [SessionPointer] = key.type == .ecdsaP256 ? [.libSSH2] : []
    return target.hasBlock(by: pointer) ? own + [.ssh] : own
  }

  var storedTarget: StoredTarget { StoredTarget(target) }

  /// - Parameters:
  ///   - directory: gives the absolute path for a session of that name.
  ///   - now: Unix seconds.
  func makeRecord(at now: Int64, directory: (_ name: String) -> String) -> SessionRecord {
    // From `prepare` to the login ssh has half a minute, of a short session a quarter.
    let margin = min(30, max(1, (session.expires - now) / 4))
    let name = Self.uniqueName(now)
    let renewAfter = session.expires - margin
    return SessionRecord(
      name: name, alias: alias, created: now - Int64(opening / 1000),
      renewAfter: renewAfter, expires: session.expires,
      deadline: Int.milliseconds(seconds: deadline), opening: opening,
      stream: isDirect ? .direct : .indirect, bringsCredentials: session.bringsLogin,
      endpoint: session.endpoint,
      preamble: session.preamble, addresses: addresses,
      through: session.jump == nil ? target.through?.applied(to: session.endpoint) : nil,
      directory: session.bringsLogin ? directory(name) : nil,
      renewFrom: worksUnattended ? now + (session.expires - now) / 2 : renewAfter,
      isAskable: worksUnattended && session.bringsLogin
        && session.isAskable(at: target.provider))
  }

  /// The block for ssh. On the route `jump`, ssh logs in to the machine's own server as it would
  /// without us, over a channel of ours, so there is no socket to pass.
  func block(directory: String) throws(Failure) -> String {
    let passing = target.route == .direct ? [] : [Setting(.proxyUseFdpass, "no")]
    let settings = passing + session.settings(for: target, directory: directory)
    return try ClientConfiguration.render([.init(alias: alias, settings: settings)])
  }

  private var isDirect: Bool { session.isDialled(for: target) }

  /// A name that is unique on this machine, and sorts by age.
  private static func uniqueName(_ now: Int64) -> String {
    let random = UInt32.random(in: .min ... .max)
    return "\(String(now, radix: 36))-\(String(random, radix: 36))"
  }
}

extension Target {
  /// Whether ssh reads a block of the session that a pointer leads to: on the route `jump` of libssh2's, too, which
  /// `prepare` looks at.
  func hasBlock(by pointer: SessionPointer) -> Bool { pointer == .ssh || route != .direct }
}
