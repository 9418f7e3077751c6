import FoundationEssentials
public import OpenSSH
public import SessionRecord
import SystemIO

/// A session on this machine.
public struct StoredSession: Sendable {
  public let record: SessionRecord
  public let session: Session
  public let target: StoredTarget
  public let keyType: KeyType
  /// The absolute path of the session's directory.
  public let directory: String

  /// Whether it was made for this very target. The configuration may have been edited since.
  public func belongs(to target: Target) -> Bool { self.target == StoredTarget(target) }

  /// Whether its record has this way, password included.
  func goesThrough(_ through: Through?) -> Bool {
    record.passage == (session.jump == nil ? through?.passage(to: session.endpoint) : nil)
  }
}

/// The part of a target that is stored with a session: enough to close it even when the configuration
/// no longer names the target.
public struct StoredTarget: Codable, Sendable, Equatable {
  public let alias: String
  public let provider: String
  public let id: String
  /// `Target.meaning` when the session was made.
  let meaning: String?

  init(_ target: Target) {
    alias = target.alias.name
    provider = target.provider.rawValue
    id = target.id
    meaning = target.meaning
  }
}

/// The file `session.json`: the whole session, for `sshproxy-session`.
struct SessionFile: Codable {
  static let name = "session.json"
  static let sizeLimit = 256 * 1024

  private struct Option: Codable {
    var keyword: String
    var value: String
  }

  let target: StoredTarget
  let keyType: String
  private let id: String?
  private let host: String
  private let port: UInt16
  private let usesSessionKey: Bool
  private let login: String?
  /// A field of its own: an older program that reads the file shows what `login` says.
  private let secretLogin: String?
  private let certificate: String?
  private let identityFile: String?
  private let trust: String
  private let authority: String?
  private let hostKeys: [String]?
  private let preamble: [UInt8]
  private let jump: String?
  private let options: [Option]
  private let expires: Int64
  private let providerState: [String: String]

  init(_ session: Session, of target: Target, keyType: KeyType) {
    self.target = StoredTarget(target)
    self.keyType = keyType.rawValue
    id = session.id
    host = session.endpoint.host
    port = session.endpoint.port
    usesSessionKey = session.usesSessionKey
    login = session.loginName
    switch session.login {
    case .sessionKey(_, let certificate):
      (self.certificate, identityFile, secretLogin) = (certificate, nil, nil)
    case .users(_, let identityFile):
      (certificate, self.identityFile, secretLogin) = (nil, identityFile, nil)
    case .secret(let name):
      (certificate, identityFile, secretLogin) = (nil, nil, name.reveal())
    }
    switch session.hostTrust {
    case .authority(let key): (trust, authority, hostKeys) = ("authority", key, nil)
    case .hostKeys(let keys): (trust, authority, hostKeys) = ("host_key", nil, keys)
    case .trustOnFirstUse: (trust, authority, hostKeys) = ("trust_on_first_use", nil, nil)
    case .users: (trust, authority, hostKeys) = ("users", nil, nil)
    }
    preamble = session.preamble
    jump = session.jump
    options = session.options.map { Option(keyword: $0.keyword.rawValue, value: $0.value) }
    expires = session.expires
    providerState = session.providerState
  }

  /// - Returns: `nil` for a file in another version's format.
  init?(_ bytes: [UInt8]) {
    guard let file = try? JSONDecoder().decode(SessionFile.self, from: Data(bytes)) else {
      return nil
    }
    self = file
  }

  func encodedText() throws(Failure) -> String {
    do {
      return String(decoding: try JSONEncoder().encode(self), as: UTF8.self)
    } catch {
      throw Failure(.internalError, step: "store the session", "it cannot be written as JSON")
    }
  }

  var session: Session? {
    let login: Session.Login
    if usesSessionKey {
      guard let name = self.login else { return nil }
      login = .sessionKey(login: name, certificate: certificate)
    } else if let secretLogin {
      login = .secret(SecretLogin(secretLogin))
    } else {
      login = .users(login: self.login, identityFile: identityFile)
    }
    let hostTrust: Session.HostTrust
    switch (trust, authority) {
    case ("authority", .some(let key)): hostTrust = .authority(key)
    case ("host_key", _): hostTrust = .hostKeys(hostKeys ?? [])
    case ("trust_on_first_use", _): hostTrust = .trustOnFirstUse
    case ("users", _): hostTrust = .users
    default: return nil
    }
    return Session(
      id: id, endpoint: HostAndPort(host: host, port: port), login: login, hostTrust: hostTrust,
      preamble: preamble, jump: jump,
      options: options.compactMap { option in
        Setting.Keyword(rawValue: option.keyword).map { Setting($0, option.value) }
      }, expires: expires, providerState: providerState)
  }
}
