public import Configuration
public import OpenSSH
public import SessionRecord
import SystemIO

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

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
    self = read
  }
}
