public import SystemIO

/// An API key. It never appears in a message, a log or a description, and is wiped when the last copy
/// is gone.
public struct APIKey: Sendable, CustomStringConvertible, CustomReflectable {
  /// How the key is sent.
  public enum Header: Sendable, Equatable {
    /// `Authorization: Bearer KEY`
    case bearer
    /// A header of that name: `x-api-key: KEY`.
    case named(String)
    /// A header of that name, with a scheme and its space before the key: `Authorization: Token KEY`.
    case scheme(String, in: String)
  }

  /// Where in a request it stands.
  public let header: Header
  /// Where the key was found, for messages: the variable or the file.
  public let origin: String
  private let storage: Storage

  /// The longest key, in bytes.
  public static let longest = 4096

  /// Reads a key from a file, a variable or the output of a command. One final line end is dropped.
  /// - Throws: `.configuration` when it is empty, longer than 4096 characters or holds anything
  ///   but printable ASCII without spaces.
  public init(_ text: String, origin: String, header: Header = .bearer) throws(Failure) {
    var bytes = Array(text.utf8)
    defer { bytes.wipe() }
    // Only counted, and cut off in place: a slice that lived on would have what is wiped copied first.
    let length = bytes.withoutLineEnd.count
    bytes.removeLast(bytes.count - length)
    func refusal(_ problem: String) -> Failure {
      Failure(
        .configuration, step: "read the API key", "the key in \(origin) \(problem)",
        hint: "copy the key again, without anything around it")
    }
    guard !bytes.isEmpty else { throw refusal("is empty") }
    guard bytes.count <= Self.longest else {
      throw refusal("is longer than \(Self.longest) characters")
    }
    guard bytes.allSatisfy({ $0.isPrintable && $0 != " " }) else {
      throw refusal("has a space, a control character or a letter outside ASCII")
    }
    self.header = header
    self.origin = origin
    storage = Storage(bytes)
  }

  /// A copy of the key, only for the request that carries it.
  public func reveal() -> String { String(decoding: storage.secret.bytes, as: UTF8.self) }

  public var description: String { "(API key from \(origin))" }

  public var customMirror: Mirror { Mirror(self, children: ["origin": origin]) }

  private final class Storage: Sendable {
    // Its memory is written once, before anybody else has it, and then only read until the last owner wipes it.
    nonisolated(unsafe) let secret: SecretBytes

    init(_ source: [UInt8]) {
      var secret = SecretBytes(capacity: source.count)
      secret.append(source)
      self.secret = secret
    }
  }
}

/// Where a provider's key comes from.
public enum KeySource: Sendable {
  case value(APIKey)
  /// A command for `/bin/sh -c` that prints the key, and the file that names it.
  case command(String, origin: String)
  /// There is none; `hint` says how to give one.
  case missing(hint: String)
}
