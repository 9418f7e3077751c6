public import OpenSSH
internal import SystemIO

/// What `[connection]` says about the block that ssh reads for a session.
public struct BlockOptions: Sendable, Equatable {
  /// Seconds without a byte after which ssh asks the server for a sign of life; 0 leaves it to the user's
  /// own settings. After four questions without an answer, ssh ends.
  public private(set) var keepalive = 15
  /// The kind of the key that a session has of its own for ssh.
  public private(set) var key = KeyType.ed25519

  /// Whether ssh chooses its cipher as it would without us, also on a computer where we know a faster one.
  public private(set) var leavesCiphers = false

  /// For how many seconds after its last login ssh keeps a connection that others may share; `nil` where
  /// none is shared.
  public private(set) var multiplex: Int?

  static let keys = ["keepalive", "key", "ciphers", "multiplex"]

  init() {}

  /// - Throws: `.configuration`, naming the line.
  init(_ section: TOMLSection) throws(Failure) {
    keepalive = try section.integer("keepalive", in: 0...3600) ?? keepalive
    if let text = try section.string("key") {
      guard let type = KeyType(rawValue: text) else {
        throw section.failure("key", "\"key\" is \"ed25519\" or \"ecdsa-p256\"")
      }
      key = type
    }
    switch try section.string("ciphers") {
    case nil, "fast": leavesCiphers = false
    case "ssh": leavesCiphers = true
    default: throw section.failure("ciphers", "\"ciphers\" is \"fast\" or \"ssh\"")
    }
    if let text = try section.string("multiplex"), text != "off" {
      guard let seconds = Self.seconds(text), (1...86_400).contains(seconds) else {
        throw section.failure(
          "multiplex", "\"multiplex\" is \"off\", or a time like \"10m\", up to \"24h\"")
      }
      multiplex = seconds
    }
  }

  /// The seconds of a time like `30s`, `10m` or `2h`.
  private static func seconds(_ text: String) -> Int? {
    guard let unit = text.last, let factor = ["s": 1, "m": 60, "h": 3600][unit],
      let count = Grammar.number(text.dropLast(), in: 1...86_400)
    else { return nil }
    return count.saturatingMultiplied(by: factor)
  }
}
