public import SystemIO

/// The hosts for which ssh calls us.
public struct AliasPatterns: Hashable, Sendable {
  /// The providers' suffixes, without their dots.
  public let suffixes: [String]
  /// The names under `[hosts]`, in lower case.
  public let names: [String]
  /// The suffixes of all vendors, also of those for whose hosts ssh does not call us.
  public let known: [String]

  /// The suffixes and names may have letters of either case: they are kept in lower case.
  public init(suffixes: [String], names: [String], known: [String] = []) {
    self.suffixes = suffixes.map { $0.lowercased() }
    self.names = names.map { $0.lowercased() }
    self.known = known.map { $0.lowercased() }
  }

  /// The patterns as ssh knows them (PATTERNS in ssh_config(5)), of which a host matches at most one:
  /// ssh asks us once for each line that it matches.
  public var disjoint: [String] {
    let suffixes = suffixes.filter { suffix in !isCovered(suffix, except: suffix) }
    return suffixes.map { "*." + $0 } + names.filter { !isCovered($0) }
  }

  private func isCovered(_ name: String, except own: String? = nil) -> Bool {
    suffixes.contains { $0 != own && name.hasSuffix("." + $0) }
  }

  /// `disjoint`, for a file that ssh reads.
  /// - Throws: `.internalError` for what cannot stand there; the configuration lets none through.
  public func checked() throws(Failure) -> [String] {
    for name in suffixes + names {
      if let rule = Alias.broken(by: name) {
        throw Failure(
          .internalError, "\"\(name.sanitized())\" cannot stand in ssh's configuration: \(rule)")
      }
    }
    return disjoint
  }
}
