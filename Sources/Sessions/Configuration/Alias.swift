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
        hint: "an alias is NAME.prime, NAME.dedalus, NAME.tensorpool or a name from [hosts]")
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

  /// A machine id of Dedalus: `^dm-[a-z0-9]([a-z0-9-]*[a-z0-9])?$`, 4 to 253 characters
  /// (`MachineIDPathSegment` in the API document).
  static func isDedalusMachine(_ text: String) -> Bool {
    let dash = UInt8(ascii: "-")
    guard text.hasPrefix("dm-"), (4...AliasName.longest).contains(text.utf8.count) else {
      return false
    }
    let rest = text.utf8.dropFirst(3)
    return rest.first != dash && rest.last != dash
      && rest.allSatisfy { byte in
        byte == dash || (isLetterOrDigit(byte) && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte))
      }
  }

  static func isLetterOrDigit(_ byte: UInt8) -> Bool { AliasName.isLetterOrDigit(byte) }
}
