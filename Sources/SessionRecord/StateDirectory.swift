public import SystemIO

/// Where sessions are on this machine, as far as both programs go by it:
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
  /// The name of what ssh includes; this and the following are told of above.
  public static let configurationName = "ssh_config"
  /// The same for programs that know no `Match`.
  public static let hostsName = "ssh_hosts"
  /// What `list` showed last.
  public static let machinesName = "ssh_machines"
  /// The folder with one for each alias.
  public static let sessionsName = "sessions"
  /// What ssh calls; while it is there, ssh's blocks say where they lead.
  public static let callName = "call"
  /// In an alias's folder: the link to the session that ssh uses.
  public static let currentName = "current"
  /// In an alias's folder: the file that is locked while the provider is asked.
  public static let lockName = "lock"
  static let answeredName = "answered"

  /// It, opened and checked.
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
    _ = mark(answeredPath(record, alias))
  }

  /// Makes a file that says something by being there.
  private func mark(_ path: String) -> Descriptor? {
    guard
      let file = try? Descriptor.open(
        path, flags: O_WRONLY | O_CREAT | O_NOFOLLOW, in: directory.descriptor.number)
    else { return nil }
    file.setMode(0o600)
    return file
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
  static func isSessionName(_ name: String) -> Bool {
    (1...64).contains(name.utf8.count)
      && name.utf8.allSatisfy {
        $0.isDigit || UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "-")
      }
  }

  /// Where an alias's sessions are.
  public static func path(of alias: String) -> String { "\(sessionsName)/\(alias)" }

  /// Where a session is, or what else stands among an alias's.
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
    guard let mark = mark(upkeepPath(record, alias)) else { return false }
    return mark.touch()
  }

  private func upkeepPath(_ record: SessionRecord, _ alias: String) -> String {
    "\(Self.path(of: record.name, alias))/\(Self.upkeepName)"
  }
}

extension StateDirectory {
  /// The mode of a lock file that could not take the failure's words: the disk is full. Its last
  /// change is the time then, and an I/O error the status.
  public static let wordlessMode: UInt32 = 0o700

  /// What the alias's lock file says; `nil` where it says nothing, or of a session that was dropped long ago.
  public func lockNote(of alias: String) -> LockNote? {
    let path = Self.path(of: Self.lockName, alias)
    guard
      let bytes = try? PrivateFile.read(
        path, in: directory.descriptor.number, limit: LastFailure.sizeLimit)
    else { return nil }
    if let identity = DroppedSession.read(bytes, at: WallClock.milliseconds) {
      return .dropped(endpointIdentity: identity)
    }
    return (LastFailure(fileBytes: bytes) ?? wordlessFailure(path)).map { .failed($0) }
  }

  /// - Returns: `nil` where the last try did not fail, or nothing is known.
  public func lastFailure(of alias: String) -> LastFailure? {
    if case .failed(let failure)? = lockNote(of: alias) { failure } else { nil }
  }

  private func wordlessFailure(_ path: String) -> LastFailure? {
    guard
      let status = FileStatus(of: path, in: directory.descriptor.number, followsLinks: false),
      UInt32(status.permissions) & 0o777 == Self.wordlessMode
    else { return nil }
    return LastFailure(time: status.lastChange / 1_000_000)
  }
}

/// The last failure of a `connect` that nobody saw. ssh gives its ProxyCommand /dev/null for standard error
/// where connections are shared (ControlPersist), and there may be no terminal either. The next `prepare`
/// says it, `check` shows it, and a login ends it.
extension StateDirectory {
  /// Its file in the alias's folder, until it has been said and afterwards.
  static let unheardName = "unheard"
  static let heardName = "heard"
  /// Both, the one that has not been said first.
  public static let failureNames = [unheardName, heardName]
  /// How long it is worth telling, in milliseconds.
  private static let interest: Int64 = 86_400_000

  /// Whether there is one that has not been said yet.
  public func hasUnheardFailure(of alias: String) -> Bool {
    directory.contains(Self.path(of: Self.unheardName, alias))
  }

  /// Keeps it; that it cannot be kept is ignored.
  public func keepUnheard(_ failure: Failure, of alias: String) {
    guard failure.kind != .cancelled, !failure.isReported,
      let folder = try? PrivateDirectory(
        opening: Self.path(of: alias), in: directory.descriptor.number)
    else { return }
    let last = LastFailure(failure, time: WallClock.milliseconds)
    try? PrivateFile.write(last.fileText, to: Self.unheardName, in: folder.descriptor)
    // A login on a session that has answered would not look for it.
    folder.remove("\(Self.currentName)/\(Self.answeredName)")
  }

  /// The last failure that nobody saw, said meanwhile or not.
  public func unheardFailure(of alias: String) -> LastFailure? {
    for name in Self.failureNames {
      guard
        let bytes = try? PrivateFile.read(
          Self.path(of: name, alias), in: directory.descriptor.number,
          limit: LastFailure.sizeLimit),
        let failure = LastFailure(fileBytes: bytes),
        (0..<Self.interest).contains(
          WallClock.milliseconds.saturatingSubtracting(failure.time))
      else { continue }
      return failure
    }
    return nil
  }

  /// Takes the failure to say it.
  /// - Returns: `nil` where there is none, or another process says it.
  public func takeUnheardFailure(of alias: String) -> LastFailure? {
    let failure = unheardFailure(of: alias)
    let isOurs = directory.rename(
      Self.path(of: Self.unheardName, alias), to: Self.path(of: Self.heardName, alias))
    return isOurs ? failure : nil
  }

  /// Forgets it, said or not.
  public func forgetFailure(of alias: String) {
    for name in Self.failureNames {
      directory.remove(Self.path(of: name, alias))
    }
  }
}
