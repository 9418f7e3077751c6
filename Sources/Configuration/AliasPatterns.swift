public import SystemIO

/// The hosts for which ssh calls us.
public struct AliasPatterns: Hashable, Sendable {
  /// The providers' suffixes, without their dots.
  public let suffixes: [String]
  /// The names under `[hosts]`, in lower case.
  public let names: [String]
  /// The suffixes of all vendors, also of those for whose hosts ssh does not call us.
  private let known: [String]

  /// In letters of either case.
  public init(suffixes: [String], names: [String], known: [String] = []) {
    self.suffixes = suffixes.map { $0.lowercased() }
    self.names = names.map { $0.lowercased() }
    self.known = known.map { $0.lowercased() }
  }

  /// These, and the suffixes of other vendors that a file of `setup`'s has: `setup` may have run where a key
  /// was in the environment.
  public func withThose(of file: [UInt8]) -> AliasPatterns {
    guard known.count > suffixes.count else { return self }
    let there = Self.words(of: file)
    return AliasPatterns(
      suffixes: known.filter { suffixes.contains($0) || there.contains("*.\($0)") }, names: names,
      known: known)
  }

  /// The patterns that a file of `setup`'s lacks.
  public func lacking(in file: [UInt8]) -> [String] {
    let there = Self.words(of: file)
    return disjoint.filter { !there.contains($0) }
  }

  /// The patterns of vendors' suffixes that a file of `setup`'s has beyond these.
  public func surplus(in file: [UInt8]) -> [String] {
    let there = Self.words(of: file)
    return known.filter { !suffixes.contains($0) }.map { "*.\($0)" }.filter(there.contains)
  }

  /// The patterns of a file's `Host` lines.
  private static func words(of file: [UInt8]) -> Set<String> {
    Set(
      String(decoding: file, as: UTF8.self).split(separator: "\n").filter { $0.hasPrefix("Host ") }
        .flatMap { $0.split(separator: " ").dropFirst().map(String.init) })
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
