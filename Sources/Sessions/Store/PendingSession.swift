import FoundationEssentials
import OpenSSH
import SystemIO

/// A session that a provider has named while its machine still wakes: an interrupted wake is taken up
/// by the next call, with the same key, instead of begun anew.
///
/// It is the file `pending` in the alias's folder: a line of JSON, then the private key.
public struct PendingSession: ~Copyable {
  static let fileName = "pending"
  /// How long one counts, in seconds. No machine takes that long to wake, and by then it may be forgotten.
  private static let life: Int64 = 900
  private static let sizeLimit = 16 * 1024

  /// All but the key.
  public struct Header: Codable, Sendable {
    /// The provider's id of the session.
    public let id: String
    public let target: StoredTarget
    let keyType: KeyType
    /// When the provider named it; Unix seconds.
    let since: Int64
  }

  public let header: Header
  let key: KeyPair

  init(header: Header, key: consuming KeyPair) {
    self.header = header
    self.key = key
  }

  consuming func takeKey() -> KeyPair { key }

  /// - Returns: `nil` for a file that is cut short or of another form.
  fileprivate init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[..<end]))
    else { return nil }
    let text = bytes.span.bytes
    guard let key = try? KeyPair(privateKeyFile: text.extracting((end + 1)...)),
      key.type == header.keyType
    else { return nil }
    self.init(header: header, key: key)
  }

  /// Whether it still counts. A clock that was set back makes it doubtful.
  func counts(at now: Int64) -> Bool { (0..<Self.life).contains(now - header.since) }

  static func read(_ alias: String, in store: SessionStore) -> PendingSession? {
    guard
      var bytes = try? PrivateFile.read(
        "\(alias)/\(fileName)", in: store.sessions.descriptor.number, limit: sizeLimit, secret: true
      )
    else { return nil }
    defer { bytes.wipe() }
    return PendingSession(bytes)
  }
}

extension SessionStore {
  /// What an interrupted call has left for an alias, without its key.
  public func pending(_ alias: String) -> PendingSession.Header? {
    PendingSession.read(alias, in: self)?.header
  }
}

extension AliasLock {
  /// What an interrupted call has left for this very target and kind of key.
  func pending(
    for target: Target, _ keyType: KeyType, in store: SessionStore
  ) -> PendingSession? {
    guard let found = PendingSession.read(target.alias.name, in: store),
      found.counts(at: store.now()), found.header.keyType == keyType,
      found.header.target == StoredTarget(target)
    else { return nil }
    return found
  }

  /// Leaves a session for the next call. That it cannot be written costs a second wake and nothing else.
  func keepPending(
    _ id: String, _ key: borrowing KeyPair, of target: Target, at now: Int64
  ) {
    let header = PendingSession.Header(
      id: id, target: StoredTarget(target), keyType: key.type, since: now)
    guard let line = try? JSONEncoder().encode(header) else { return }
    try? key.withPrivateKeyFile { (bytes) throws(Failure) in
      // One buffer from the start, so that no copy of the key is left behind.
      var text: [UInt8] = []
      text.reserveCapacity(line.count + 1 + bytes.count)
      text += Array(line) + [UInt8(ascii: "\n")]
      text += bytes
      defer { text.wipe() }
      try reportingFailure { () throws(SystemError) in
        try text.span.bytes.withUnsafeBytes { (bytes) throws(SystemError) in
          try PrivateFile.write(bytes, to: PendingSession.fileName, in: folder.descriptor)
        }
      }
    }
  }

  func forgetPending() { folder.remove(PendingSession.fileName) }
}
