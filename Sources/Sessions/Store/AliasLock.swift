import OpenSSH
public import SessionRecord
public import SystemIO

/// The lock of an alias's folder. Its holder alone changes the folder and asks the provider.
public struct AliasLock: ~Copyable {
  /// In lower case.
  private let alias: String
  let store: SessionStore
  private let caller: HangUpMonitor
  let folder: PrivateDirectory
  private let lock: FileLock
  /// When the wait for the lock began; Unix milliseconds.
  private let waitedSince: Int64

  /// - Throws: `.temporary` when another process holds the lock until `deadline`, `.cancelled`,
  ///   `.inputOutput`.
  public init(
    _ alias: String, in store: SessionStore, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    self.alias = alias
    self.store = store
    self.caller = caller
    waitedSince = WallClock.milliseconds
    while true {
      guard let candidate = try Self.makeFolder(alias, in: store) else { continue }
      do throws(Failure) {
        lock = try FileLock(
          StateDirectory.lockName, in: candidate.descriptor, until: deadline, caller: caller)
        folder = candidate
        return
      } catch {
        // A sweep may have removed the folder before we locked it; then it is made again.
        guard candidate.isRemoved else { throw error }
      }
    }
  }

  /// Gives the lock up. Without this call that happens at some point after the last use.
  public consuming func end() {}

  /// - Returns: `nil` when a sweep has removed the folder at the same moment.
  private static func makeFolder(
    _ alias: String, in store: SessionStore
  ) throws(Failure) -> PrivateDirectory? {
    do throws(Failure) {
      return try PrivateDirectory(making: alias, in: store.sessions.descriptor.number)
    } catch {
      guard error.number == ENOENT, !store.sessions.isRemoved else { throw error }
      return nil
    }
  }

  /// The failure of the process that held the lock while we waited. Its result counts for us too.
  func failureMeanwhile() -> Failure? {
    guard let last = store.state.lastFailure(of: alias), last.time >= waitedSince,
      last.time <= WallClock.milliseconds
    else { return nil }
    return last.failure
  }

  /// Records a failure, or with `nil` that there is none any more. A failure to write it is ignored.
  public func remember(_ failure: Failure?) {
    let isWritten = write(
      failure.map { LastFailure($0, time: WallClock.milliseconds).fileText } ?? "")
    if isWritten == false { setMode(StateDirectory.wordlessMode) }
  }

  /// Written in place, because the lock belongs to this very file. A line cut short is not read as
  /// a failure, which does no harm.
  /// - Returns: whether it was written; `nil` for a file that cannot be opened.
  private func write(_ text: String) -> Bool? {
    guard
      let file = try? Descriptor.open(
        StateDirectory.lockName, flags: O_WRONLY | O_TRUNC | O_NOFOLLOW,
        in: folder.descriptor.number)
    else { return nil }
    file.setMode(0o600)
    let isWritten: Void? = try? file.writeAll(text)
    return isWritten != nil
  }

  private func setMode(_ mode: UInt32) {
    let file = try? Descriptor.open(
      StateDirectory.lockName, flags: O_WRONLY | O_NOFOLLOW, in: folder.descriptor.number)
    file?.setMode(mode)
  }
}

extension AliasLock {
  /// Stores a session, makes it the alias's current one, and sweeps expired sessions.
  /// - Throws: `.inputOutput`, `.temporary` when the configuration stays locked until `deadline`,
  ///   `.invalidResponse` for a value that ssh's configuration cannot hold, `.cancelled`.
  func save(
    _ new: borrowing NewSession, until deadline: Moment
  ) throws(Failure) -> StoredSession {
    let record = new.makeRecord(at: store.now()) { [store, alias] in
      store.directory(of: $0, alias)
    }
    let others = try putInPlace(record, new, until: deadline)
    sweep()
    store.sweep(others, caller: caller)
    return StoredSession(
      record: record, session: new.session, target: new.storedTarget, keyType: new.key.type,
      directory: store.directory(of: record.name, alias))
  }

  /// Writes the session's directory, then the generated configuration, then the pointer. In this
  /// order, the next `prepare` can repair the state if we are killed in between. Signals are held back
  /// meanwhile.
  /// - Returns: the aliases whose sessions may all have expired.
  private func putInPlace(
    _ record: SessionRecord, _ new: borrowing NewSession, until deadline: Moment
  ) throws(Failure) -> [String] {
    let configuration = try GeneratedConfiguration(of: store, until: deadline, caller: caller)
    return try holdingSignals { () throws(Failure) in
      do throws(Failure) {
        try fill(record, new)
        let others =
          new.pointers.contains(.ssh)
          ? try configuration.write(current: [alias: record.name]) : store.aliases
        for pointer in new.pointers { try folder.setLink(pointer.fileName, to: record.name) }
        return others
      } catch {
        folder.remove(record.name)
        throw error
      }
    }
  }

  /// Writes the session's directory. The record is written last: without it there is no session.
  private func fill(
    _ record: SessionRecord, _ new: borrowing NewSession
  ) throws(Failure) {
    let path = store.directory(of: record.name, alias)
    let json = try StoredSession.Contents(
      session: new.session, target: new.storedTarget, keyType: new.key.type
    ).encodedText()
    let block = try new.block(directory: path)
    if new.session.options.contains(where: { $0.keyword == .controlPersist }) {
      // ssh makes the sockets, but not their directory.
      _ = try PrivateDirectory(
        making: SharedConnection.folder, in: store.state.directory.descriptor.number)
    }
    let directory = try PrivateDirectory(making: record.name, in: folder.descriptor.number)
    func write(_ text: String, _ name: String) throws(Failure) {
      try PrivateFile.write(text, to: name, in: directory.descriptor)
    }
    if new.session.usesSessionKey {
      try new.key.withPrivateKeyFile { (bytes) throws(Failure) in
        try PrivateFile.write(bytes, to: Session.FileName.key, in: directory.descriptor)
      }
    }
    if case .sessionKey(_, .some(let certificate)) = new.session.login {
      try write(certificate.line + "\n", Session.FileName.certificate)
    }
    if let text = new.knownHosts ?? new.session.knownHostsText {
      try write(text, Session.FileName.knownHosts)
    }
    try write(block, StateDirectory.configurationName)
    if new.session.hasSecretLogin {
      try write(
        try ClientConfiguration.whole(with: "\(path)/\(StateDirectory.configurationName)"),
        Session.FileName.wholeConfiguration)
    }
    try write(json, StoredSession.Contents.fileName)
    try write(record.fileText, SessionRecord.fileName)
  }

  /// Takes away the alias's pointers to a session, which itself stays, so that `close` can end it.
  func forgetPointers(to record: SessionRecord) {
    for pointer in store.pointers(to: record.name, of: alias) { folder.remove(pointer.fileName) }
  }
}

extension AliasLock {
  /// Removes the alias's expired sessions, and what killed processes have left behind. Only the
  /// holder of the lock writes here, so a directory without a record belongs to nobody.
  func sweep() {
    guard let names = try? folder.names() else { return }
    let now = store.now()
    for name in names where !Self.pointers.contains(name) && name != StateDirectory.lockName {
      if let record = store.state.record(named: name, of: alias), record.isAlive(at: now) {
        continue
      }
      if name == PendingSession.fileName,
        PendingSession.read(alias, in: store)?.counts(at: now) == true
      {
        continue
      }
      if StateDirectory.failureNames.contains(name), store.state.unheardFailure(of: alias) != nil {
        continue
      }
      remove(name)
    }
  }

  /// Removes a session. Its connections end by themselves.
  private func remove(_ name: String) {
    SharedConnection.remove(of: name, in: store.state)
    folder.remove(name)
  }

  /// Removes every session of the alias and its pointers; the lock file last. Its block stays until
  /// `SessionStore.rewriteConfiguration`, and is not used without a pointer.
  /// - Throws: `.inputOutput`.
  public func wipe() throws(Failure) {
    for pointer in Self.pointers { folder.remove(pointer) }
    for name in (try? folder.names()) ?? [] where name != StateDirectory.lockName {
      remove(name)
    }
    let remains = ((try? folder.names()) ?? []).filter { $0 != StateDirectory.lockName }
    guard remains.isEmpty else {
      throw Failure(
        .inputOutput, step: "wipe the session's files", "they cannot be removed",
        hint: "remove \(store.path.sanitized())/\(StateDirectory.path(of: alias)) yourself")
    }
    removeFolder()
  }

  /// Removes a session that is gone at the provider. If the alias has a newer session already, its
  /// pointers are left alone.
  public func drop(_ record: SessionRecord, until deadline: Moment) throws(Failure) {
    let pointers = store.pointers(to: record.name, of: alias)
    if pointers.contains(.ssh) {
      _ = write(DroppedSession.fileText(of: record, at: WallClock.milliseconds))
    }
    for pointer in pointers { folder.remove(pointer.fileName) }
    remove(record.name)
    // Last, because it needs room on the disk.
    guard pointers.contains(.ssh) else { return }
    try GeneratedConfiguration(of: store, until: deadline, caller: caller).write(
      current: [alias: nil])
  }

  private static let pointers = SessionPointer.allCases.map(\.fileName)

  /// Removes the folder where nothing but pointers is left in it.
  func removeIfEmpty() {
    guard let names = try? folder.names() else { return }
    let pointers = Set(names).subtracting([StateDirectory.lockName])
    guard pointers.isSubset(of: Self.pointers) else { return }
    for name in pointers { folder.remove(name) }
    removeFolder()
  }

  /// Removes the lock file and the folder, unless another process has already made a lock of its own
  /// in it.
  private func removeFolder() {
    folder.remove(StateDirectory.lockName)
    store.sessions.removeEmpty(alias)
  }
}
