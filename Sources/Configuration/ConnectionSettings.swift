internal import SystemIO

/// What `[connection]` says.
public struct ConnectionSettings: Sendable, Equatable {
  /// Seconds from alias to first byte, 1 to 3600.
  public private(set) var deadline = 120
  /// Seconds for which a session counts at most, whatever its provider says, 60 to 86,400.
  public private(set) var maxLife = 3600
  /// Whether programs that list the hosts of ssh's configuration are shown what `list` showed last.
  public private(set) var listsMachines = false
  /// Whether `prepare` makes a session for an `ssh -G`, which only prints the configuration.
  public private(set) var preparesOnPrint = true
  /// What ssh's block of a session says besides.
  public private(set) var block = BlockOptions()
  private(set) var renewAhead = RenewAhead.auto
  private(set) var through = ThroughSetting.Choice.inherited

  private static let keys =
    [
      "deadline", "max_life", "list_machines", "renew_ahead", "prepare_on_print", "through",
    ] + BlockOptions.keys

  /// The defaults.
  init() {}

  /// - Throws: `.configuration`, naming the line.
  init(_ section: TOMLSection) throws(Failure) {
    try section.allowOnly(Self.keys)
    deadline = try section.integer("deadline", in: 1...3600) ?? deadline
    maxLife = try section.integer("max_life", in: 60...86_400) ?? maxLife
    listsMachines = try section.flag("list_machines") ?? listsMachines
    renewAhead = try RenewAhead(section) ?? renewAhead
    preparesOnPrint = try section.flag("prepare_on_print") ?? preparesOnPrint
    block = try BlockOptions(section)
    through = try ThroughSetting.Choice(section)
  }
}

extension ConnectionSettings {
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
}
