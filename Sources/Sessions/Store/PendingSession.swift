import Configuration
import OpenSSH
import SystemIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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
    /// The machine that wakes.
    public let target: StoredTarget
    let keyType: KeyType
    /// When the provider named it; Unix seconds.
    let since: Int64
  }

  /// What is stored besides the key.
  public let header: Header
  let key: KeyPair

  init(header: Header, key: consuming KeyPair) {
    self.header = header
    self.key = key
  }

  consuming func takeKey() -> KeyPair { key }

  /// - Returns: `nil` for a file that is cut short or of another form.
  private init?(_ bytes: [UInt8]) {
    guard let end = bytes.firstIndex(of: UInt8(ascii: "\n")),
      let header = try? JSONDecoder().decode(Header.self, from: Data(bytes[..<end]))
    else { return nil }
    guard let key = try? KeyPair(privateKeyFile: bytes[(end + 1)...]),
      key.type == header.keyType
    else { return nil }
    self.init(header: header, key: key)
  }

  /// Whether it still counts. A clock that was set back makes it doubtful.
  func counts(at now: Int64) -> Bool {
    (0..<Self.life).contains(now.saturatingSubtracting(header.since))
  }

  static func read(_ alias: String, in store: SessionStore) -> PendingSession? {
    guard
      var bytes = try? store.read(fileName, of: nil, alias, limit: sizeLimit, secret: true)
    else { return nil }
    defer { bytes.wipe() }
    return PendingSession(bytes)
  }

  /// What has been left for this very target and kind of key, if it still counts.
  static func left(
    for target: Target, _ keyType: KeyType, in store: SessionStore
  ) -> PendingSession? {
    guard let found = read(target.alias.name, in: store), found.counts(at: store.now()),
      found.header.keyType == keyType, found.header.target == StoredTarget(target)
    else { return nil }
    return found
  }

  /// Leaves a session for the next call. That it cannot be written costs a second wake and nothing else.
  /// - Parameter now: Unix seconds.
  static func keep(
    _ id: String, _ key: borrowing KeyPair, of target: Target, at now: Int64,
    _ lock: borrowing AliasLock
  ) {
    let header = Header(id: id, target: StoredTarget(target), keyType: key.type, since: now)
    guard let line = try? JSONEncoder().encode(header) else { return }
    try? key.withPrivateKeyFile { (bytes) throws(Failure) in
      // One buffer from the start, so that no copy of the key is left behind.
      var text: [UInt8] = []
      text.reserveCapacity(line.count + 1 + bytes.count)
      text += Array(line) + [UInt8(ascii: "\n")]
      text += bytes
      defer { text.wipe() }
      try text.withRawBytes { (bytes) throws(Failure) in
        try PrivateFile.write(bytes, to: fileName, in: lock.folder.descriptor)
      }
    }
  }

  static func forget(_ lock: borrowing AliasLock) { lock.folder.remove(fileName) }
}
