public import OpenSSH
internal import SystemIO

/// What `[connection]` says about the block that ssh reads for a session.
public struct BlockOptions: Sendable, Equatable {
  /// Seconds without a byte after which ssh asks the server for a sign of life; 0 leaves it to the user's
  /// own settings. After four questions without an answer, ssh ends.
  public private(set) var keepalive = 15
  /// The kind of the key that a session has of its own for ssh.
  public private(set) var key = KeyType.ed25519

  /// Whether ssh's own ciphers are left as they are, wherever another one would be faster.
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
      let count = Grammar.port(text.dropLast())
    else { return nil }
    return count.saturatingMultiplied(by: factor)
  }
}

extension Configuration {
  /// Whether sessions are looked after behind ssh's back (`renew_ahead`).
  enum RenewAhead: String, Sendable, CaseIterable {
    /// Where no program has to be run for it: that may ask for a password or a finger.
    case auto
    case always
    case never

    /// - Returns: `nil` where the table does not name it.
    init?(_ section: TOMLSection) throws(Failure) {
      guard let word = try section.string("renew_ahead") else { return nil }
      guard let known = Self(rawValue: word) else {
        let words = Self.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
        throw section.failure(
          "renew_ahead",
          "\"renew_ahead\"\(section.place) is \"\(word.sanitized(limit: 40))\", not one of \(words)"
        )
      }
      self = known
    }
  }

  /// Whether the target's provider may be talked to when nobody is there to answer a question.
  public func worksUnattended(for target: Target) -> Bool {
    // A fixed endpoint has nothing to renew.
    guard target.provider != .static else { return false }
    switch file.renewAhead {
    case .always: return true
    case .never: return false
    case .auto:
      guard target.provider.isVendor else { return false }
      if case .value? = try? keySource(of: target.provider) { return true } else { return false }
    }
  }
}
