public import SystemIO

// What a person writes on a command line or into the configuration, with the failure that says how.

extension Alias {
  /// - Throws: `.usage`, naming the rule that `text` breaks.
  public init(_ text: String) throws(Failure) {
    guard let alias = Alias(reading: text) else {
      throw Failure(
        .usage,
        "\"\(text.sanitized(limit: 80))\" cannot be an alias: \(Alias.broken(by: text) ?? "")",
        hint: "an alias is NAME.prime, NAME.dedalus, NAME.tensorpool or a name from [hosts]")
    }
    self = alias
  }
}

extension HostAndPort {
  /// Reads `HOST:PORT` or `[ADDRESS]:PORT`, as `--jump-to` and `jump_target` have it.
  /// - Throws: `.usage` for anything else.
  public init(_ text: String) throws(Failure) {
    guard let place = HostAndPort(reading: text) else {
      throw Failure(
        .usage, "\"\(text.sanitized(limit: 80))\" is not HOST:PORT",
        hint: "write it like localhost:22 or [::1]:22")
    }
    self = place
  }
}

/// The grammar of ids that is narrower than an alias's.
enum NameRule {
  /// A machine id of Dedalus: `^dm-[a-z0-9]([a-z0-9-]*[a-z0-9])?$`, 4 to 253 characters
  /// (`MachineIDPathSegment` in the API document), or a bare UUID in lower case (the vendor's SDK from
  /// 0.6.0 on).
  static func isDedalusMachine(_ text: String) -> Bool {
    if isUUID(text) { return true }
    let dash = UInt8(ascii: "-")
    guard text.hasPrefix("dm-"), (4...Alias.longest).contains(text.utf8.count) else {
      return false
    }
    let rest = text.utf8.dropFirst(3)
    return rest.first != dash && rest.last != dash
      && rest.allSatisfy { byte in
        byte == dash || (byte.isAlphanumeric && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte))
      }
  }

  /// What the ids of Dedalus look like, for hints.
  static let dedalusMachineHint =
    "a Dedalus id looks like dm-0123abcd (small letters, digits and dashes), or is a UUID in small "
    + "letters like 017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

  /// Five groups of 8, 4, 4, 4 and 12 digits (RFC 9562, section 4), in lower case.
  private static func isUUID(_ text: String) -> Bool {
    let groups = text.utf8.split(separator: UInt8(ascii: "-"), omittingEmptySubsequences: false)
    return groups.map(\.count) == [8, 4, 4, 4, 12]
      && groups.joined().allSatisfy { byte in
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
          || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
      }
  }
}
