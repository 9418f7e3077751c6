public import Grammar

// What a person writes on a command line or into the configuration, with the failure that says how.

extension Alias {
  /// - Throws: `.usage`, naming the rule that `text` breaks.
  public init(_ text: String) throws(Failure) {
    guard let alias = Alias(reading: text) else { throw Failure.notAnAlias(text) }
    self = alias
  }
}

extension Failure {
  /// The failure for a text that is no alias.
  public static func notAnAlias(_ text: String) -> Failure {
    Failure(
      .usage,
      "\"\(text.sanitized(limit: 80))\" cannot be an alias: \(Alias.broken(by: text) ?? "")",
      hint: "an alias is a machine's id with its provider's suffix, or a name from [hosts]")
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
