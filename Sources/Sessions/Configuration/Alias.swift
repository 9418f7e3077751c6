import SessionRecord
public import SystemIO

/// A name that ssh may be given. Letters of either case are one alias, as ssh's own
/// `Match originalhost` sees them.
public struct Alias: Hashable, Sendable {
  /// The alias in lower case: its identity, and its name on the disk.
  public let name: String
  /// The alias as it was given.
  public let spelling: String

  /// - Throws: `.usage`, naming the rule that `text` breaks.
  public init(_ text: String) throws(Failure) {
    if let rule = NameRule.broken(by: text) {
      throw Failure(
        .usage, "\"\(text.sanitized(limit: 80))\" cannot be an alias: \(rule)",
        hint: "an alias is a machine's id with its provider's suffix, or a name from [hosts]")
    }
    spelling = text
    name = text.lowercased()
  }

  public static func == (one: Alias, other: Alias) -> Bool { one.name == other.name }

  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}

/// The grammar of the names in the configuration.
enum NameRule {
  /// The rule that `text` breaks, as the end of a sentence; nil when it is a name.
  static func broken(by text: String) -> String? { AliasName.broken(by: text) }

  static func isLetterOrDigit(_ byte: UInt8) -> Bool { AliasName.isLetterOrDigit(byte) }
}
