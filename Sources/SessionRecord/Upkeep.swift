import SystemIO

/// What is done for a good session behind ssh's back: it is renewed when half of its life is gone, and
/// the provider is asked whether it still exists.
extension StateDirectory {
  /// Seconds between two times for the same session. It bounds what a loop of ssh's costs: a vendor takes 20
  /// requests a minute for a sandbox.
  public static let upkeepInterval: Int64 = 15
  /// Its time is when somebody last began.
  private static let upkeepName = "upkeep"

  /// Whether a session that is good is to be looked after now. Then that is noted, so that of many
  /// ssh's one does it.
  /// - Parameter now: Unix seconds.
  public func takesUpkeep(of record: SessionRecord, _ alias: String, at now: Int64) -> Bool {
    let isYoung = now.saturatingSubtracting(record.created) < Self.upkeepInterval
    guard isRenewalDue(record, at: now) || (record.isAskable && !isYoung) else { return false }
    return isUpkeepDue(record, alias, at: now) && noteUpkeep(of: record, alias)
  }

  /// Whether more than half of the session's life is gone, and it may be renewed unattended.
  public func isRenewalDue(_ record: SessionRecord, at now: Int64) -> Bool {
    record.renewFrom < record.renewAfter && now >= record.renewFrom
  }

  private func isUpkeepDue(_ record: SessionRecord, _ alias: String, at now: Int64) -> Bool {
    guard
      let mark = FileStatus(
        of: upkeepPath(record, alias), in: directory.descriptor.number, followsLinks: false)
    else { return true }
    // A mark in the future is none: the clock was set back.
    let age = now.saturatingSubtracting(mark.lastWrite / 1_000_000_000)
    return !(0..<Self.upkeepInterval).contains(age)
  }

  /// - Returns: `false` where it cannot be noted. Then nothing is done, or each ssh would do it.
  private func noteUpkeep(of record: SessionRecord, _ alias: String) -> Bool {
    guard
      let mark = try? Descriptor.open(
        upkeepPath(record, alias), flags: O_WRONLY | O_CREAT | O_NOFOLLOW,
        in: directory.descriptor.number)
    else { return false }
    mark.setMode(0o600)
    return mark.touch()
  }

  private func upkeepPath(_ record: SessionRecord, _ alias: String) -> String {
    "\(Self.sessionsName)/\(alias)/\(record.name)/\(Self.upkeepName)"
  }
}
