public import OpenSSH
public import SessionRecord
public import SystemIO

/// The sessions on this machine (`StateDirectory` shows the layout).
///
/// What ssh has read of a session never changes: a new session gets a directory of its own, and the
/// alias's pointer is moved to it in one step. The old session stays until it has expired, for an ssh that
/// has read its login but not yet loaded its key. Added while it lasts are the key that its host showed
/// first, the host's certificates, and the marks `answered` and `upkeep`; the ciphers may be others.
public final class SessionStore {
  let path: String
  /// The same directory as the hot program reads it.
  public let state: StateDirectory
  let sessions: PrivateDirectory
  /// The largest private key, in bytes; ours are a tenth of that.
  private static let keyLimit = 4096
  /// The most of a session's own known hosts, in bytes: a host has few keys, and they change nothing once they
  /// are there.
  private static let knownHostsLimit = 64 * 1024
  /// The time; Unix seconds.
  let now: () -> Int64

  /// Opens the state directory, and creates it if it is missing.
  /// - Throws: `.inputOutput` when it cannot be made, or is not this user's alone.
  public init(
    path: String, now: @escaping () -> Int64 = { WallClock.seconds }
  ) throws(Failure) {
    self.path = path
    self.now = now
    do {
      let directory = try PrivateDirectory(making: path)
      sessions = try PrivateDirectory(
        making: StateDirectory.sessionsName, in: directory.descriptor.number)
      state = StateDirectory(directory)
    } catch {
      throw Self.unusable(path, error)
    }
  }

  private static func unusable(_ path: String, _ error: Failure) -> Failure {
    guard error.number == EPERM else { return error }
    if let problem = SafePath.problem(leadingTo: path) {
      return Failure(
        .inputOutput, "\(path.sanitized()) is not yours alone: \(problem.clause)",
        hint: "others could put sessions into it: \(problem.remedy), or set XDG_STATE_HOME "
          + "and run `sshproxy setup` again", cause: error.cause)
    }
    return Failure(
      .inputOutput, "\(path.sanitized()) is not yours alone",
      hint: "others could put sessions into it: `chmod go-w` it, or remove it; it is made again",
      cause: error.cause)
  }

  /// The session that an alias stands for now, expired or not.
  public func current(_ alias: String, by pointer: SessionPointer) -> StoredSession? {
    state.record(of: alias, pointer: pointer.fileName).flatMap { stored($0, alias) }
  }

  /// The alias's pointers that lead to a session; none for one that another has replaced.
  public func pointers(to name: String, of alias: String) -> [SessionPointer] {
    SessionPointer.allCases.filter {
      state.record(of: alias, pointer: $0.fileName)?.name == name
    }
  }

  /// A session that one of the alias's pointers leads to, and which; ssh's if both do.
  func session(named name: String, of alias: String) -> (StoredSession, pointer: SessionPointer)? {
    for pointer in SessionPointer.allCases {
      guard let record = state.record(of: alias, pointer: pointer.fileName), record.name == name
      else { continue }
      return stored(record, alias).map { ($0, pointer) }
    }
    return nil
  }

  /// Every session on this machine, sorted by alias, expired ones and predecessors included.
  public func all() -> [StoredSession] {
    aliases.flatMap(sessions(of:))
  }

  /// Every session of an alias, its predecessors included.
  public func sessions(of alias: String) -> [StoredSession] {
    let names = (try? folder(alias)?.names()) ?? []
    return names.compactMap { state.record(named: $0, of: alias) }.compactMap { stored($0, alias) }
  }

  /// Whether an alias has a folder, with or without sessions, or one that is not ours.
  public func hasFolder(of alias: String) -> Bool { sessions.contains(alias) }

  /// The aliases that have a folder, with or without sessions.
  public var aliases: [String] {
    ((try? sessions.names()) ?? []).filter { Alias(reading: $0)?.name == $0 }
  }

  /// What an interrupted call has left for an alias, without its key.
  public func pending(_ alias: String) -> PendingSession.Header? {
    PendingSession.read(alias, in: self)?.header
  }

  /// An alias's folder; `nil` when there is none.
  func folder(_ alias: String) -> PrivateDirectory? {
    try? PrivateDirectory(opening: alias, in: sessions.descriptor.number)
  }

  /// The absolute path of a session's directory.
  func directory(of name: String, _ alias: String) -> String {
    "\(path)/\(StateDirectory.path(of: name, alias))"
  }

  /// Reads a file of a session's, or of an alias's folder.
  /// - Parameters:
  ///   - session: its name; `nil` for the alias's folder.
  ///   - limit: the largest size, in bytes.
  ///   - secret: whether it is refused when others can read it.
  /// - Returns: `nil` when there is no such file.
  /// - Throws: as `PrivateFile.read`.
  func read(
    _ file: String, of session: String?, _ alias: String, limit: Int, secret: Bool = false
  ) throws(Failure) -> [UInt8]? {
    let path = [alias, session, file].compactMap { $0 }.joined(separator: "/")
    return try PrivateFile.read(
      path, in: sessions.descriptor.number, limit: limit, secret: secret)
  }

  private func stored(_ record: SessionRecord, _ alias: String) -> StoredSession? {
    guard
      let bytes = try? read(
        StoredSession.Contents.fileName, of: record.name, alias,
        limit: StoredSession.Contents.sizeLimit, secret: true),
      let contents = StoredSession.Contents(bytes)
    else { return nil }
    return StoredSession(
      record: record, session: contents.session, target: contents.target,
      keyType: contents.keyType, directory: directory(of: record.name, alias))
  }

  /// The known hosts of a stored session: its authority, or the host keys that were seen first; `nil` when
  /// it has none of its own.
  func knownHosts(of stored: StoredSession) -> String? {
    guard stored.session.knownHostsText != nil else { return nil }
    let bytes = try? read(
      Session.FileName.knownHosts, of: stored.record.name, stored.target.alias,
      limit: Self.knownHostsLimit)
    return bytes.flatMap { String(validating: $0, as: UTF8.self) }
  }

  /// The private key of a stored session.
  /// - Throws: `.inputOutput` when it cannot be read, `.invalidResponse` when it is not a key.
  public func key(of stored: StoredSession) throws(Failure) -> KeyPair {
    guard
      var text = try read(
        Session.FileName.key, of: stored.record.name, stored.target.alias, limit: Self.keyLimit,
        secret: true)
    else { throw Failure("read the session's key", number: ENOENT) }
    defer { text.wipe() }
    return try KeyPair(privateKeyFile: text)
  }

  /// Rewrites what ssh includes for the sessions that there are: once, where many have been wiped. It needs room on
  /// the disk, which wiping does not; where it fails, the next `prepare` does it.
  /// - Throws: `.temporary` when it stays locked until `deadline`, `.inputOutput`, `.cancelled`.
  public func rewriteConfiguration(
    until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    try GeneratedConfiguration(of: self, until: deadline, caller: caller).write()
  }

  /// Removes the folders of the given aliases whose last session has expired. A folder that is locked
  /// is in use and stays.
  func sweep(_ aliases: [String], caller: HangUpMonitor) {
    let now = now()
    for alias in aliases {
      guard let folder = folder(alias), let names = try? folder.names() else { continue }
      let isUsed = names.contains { state.record(named: $0, of: alias)?.isAlive(at: now) == true }
      if isUsed || state.lastFailure(of: alias)?.isRecent(at: WallClock.milliseconds) == true {
        continue
      }
      guard
        let lock = try? AliasLock(alias, in: self, until: Moment.now, caller: caller)
      else { continue }
      lock.sweep()
      lock.removeIfEmpty()
    }
  }
}
