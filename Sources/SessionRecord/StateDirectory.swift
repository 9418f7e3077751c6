public import SystemIO

/// Where sessions are on this machine, as far as the hot path reads it:
///
///     ssh_config                       what ssh includes
///     ssh_hosts                        the same for programs that know no `Match`
///     call                             the words by which `setup` has ssh call us
///     ssh_machines                     what `list` showed last, where the user wants it listed
///     sessions/ALIAS/current           link to the directory of the session that ssh uses
///     sessions/ALIAS/lock              held while the provider is asked; holds the last failure, or where a
///                                      dropped session led
///     sessions/ALIAS/unheard           a failure of `connect` that nobody saw; `heard` once it has been said
///     sessions/ALIAS/NAME/record       see SessionRecord
///     sessions/ALIAS/NAME/answered     there once the server has sent its first byte
///     sessions/ALIAS/NAME/upkeep       dated when it was last looked after behind ssh's back
public struct StateDirectory: ~Copyable {
  public static let configurationName = "ssh_config"
  public static let hostsName = "ssh_hosts"
  public static let machinesName = "ssh_machines"
  public static let sessionsName = "sessions"
  /// What ssh calls; while it is there, ssh's blocks say where they lead.
  public static let callName = "call"
  public static let currentName = "current"
  public static let lockName = "lock"
  static let answeredName = "answered"

  public let directory: PrivateDirectory

  /// Takes an opened directory.
  public init(_ directory: consuming PrivateDirectory) {
    self.directory = directory
  }

  /// - Throws: ENOENT where there is none yet; EPERM when it is not this user's alone.
  public init(opening path: String) throws(Failure) {
    self.init(try PrivateDirectory(opening: path))
  }

  /// The record of the session that an alias stands for now.
  /// - Parameter alias: in lower case, checked by `Alias`.
  /// - Returns: `nil` when there is none, or none that can be read.
  public func record(of alias: String, pointer: String = currentName) -> SessionRecord? {
    guard let name = directory.linkTarget(Self.path(of: pointer, alias)), Self.isSessionName(name)
    else {
      return nil
    }
    return record(named: name, of: alias)
  }

  /// The record of one of an alias's sessions.
  public func record(named name: String, of alias: String) -> SessionRecord? {
    guard
      let read = try? PrivateFile.read(
        recordPath(name, alias), in: directory.descriptor.number, limit: SessionRecord.sizeLimit),
      let record = SessionRecord(fileBytes: read), record.name == name
    else { return nil }
    return record
  }

  /// Whether there is a configuration for ssh to include.
  public var hasConfiguration: Bool {
    directory.holdsText(Self.configurationName)
  }

  /// Whether ssh's blocks say where they lead.
  public var hasCall: Bool { directory.holdsText(Self.callName) }

  /// Whether a session's server has sent a byte before.
  public func hasAnswered(_ record: SessionRecord, of alias: String) -> Bool {
    directory.contains(answeredPath(record, alias))
  }

  /// Remembers that a session's server has sent a byte. It is only a hint: that it cannot
  /// be written does not matter to the connection.
  public func setAnswered(_ record: SessionRecord, of alias: String) {
    guard
      let mark = try? Descriptor.open(
        answeredPath(record, alias), flags: O_WRONLY | O_CREAT | O_NOFOLLOW,
        in: directory.descriptor.number)
    else { return }
    mark.setMode(0o600)
  }

  /// Whether the path that a session was written with still leads to it. After a move of the home, the
  /// files that ssh's block names are elsewhere or gone.
  public func isInPlace(_ record: SessionRecord, of alias: String) -> Bool {
    guard let path = record.directory else { return true }
    guard let named = FileStatus(of: path),
      let own = FileStatus(
        of: Self.path(of: record.name, alias), in: directory.descriptor.number,
        followsLinks: false)
    else { return false }
    return named.isSameFile(as: own)
  }

  /// Directory names are of our own making: lower-case letters, digits and hyphens.
  public static func isSessionName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        $0.isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "-")
      }
  }

  /// Where an alias's sessions are.
  public static func path(of alias: String) -> String { "\(sessionsName)/\(alias)" }

  /// Where a session is.
  public static func path(of name: String, _ alias: String) -> String {
    "\(path(of: alias))/\(name)"
  }

  func recordPath(_ name: String, _ alias: String) -> String {
    "\(Self.path(of: name, alias))/\(SessionRecord.fileName)"
  }

  private func answeredPath(_ record: SessionRecord, _ alias: String) -> String {
    "\(Self.path(of: record.name, alias))/\(Self.answeredName)"
  }
}

extension StateDirectory {
  /// Whether the user has edited a file since a session was stored or last confirmed.
  /// - Parameter file: an absolute path. `false` when it is missing or its time is in the future.
  public func isOlder(_ record: SessionRecord, of alias: String, than file: String) -> Bool {
    guard let edited = FileStatus(of: file),
      let stored = FileStatus(
        of: recordPath(record.name, alias), in: directory.descriptor.number)
    else { return false }
    return stored.lastWrite < edited.lastWrite
      && edited.lastWrite / 1_000_000 <= WallClock.milliseconds
  }

  /// Marks a session as matching the user's files as they are now.
  public func confirm(_ record: SessionRecord, of alias: String) {
    directory.touch(recordPath(record.name, alias))
  }

  /// Marks a session as older than the user's files: whoever uses it next has to compare.
  public func doubt(_ record: SessionRecord, of alias: String) {
    directory.antedate(recordPath(record.name, alias))
  }
}

/// What is done for a good session behind ssh's back: it is renewed when half of its life is gone, and
/// the provider is asked whether it still exists.
extension StateDirectory {
  /// Seconds between two times for the same session. It bounds what a loop of ssh's costs: a vendor takes 20
  /// requests a minute for a sandbox.
  private static let upkeepInterval: Int64 = 15
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
    "\(Self.path(of: record.name, alias))/\(Self.upkeepName)"
  }
}
