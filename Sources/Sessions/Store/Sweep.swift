import OpenSSH
public import SessionRecord
public import SystemIO

extension AliasLock {
  /// Removes the alias's expired sessions, and what killed processes have left behind. Only the
  /// holder of the lock writes here, so a directory without a record belongs to nobody.
  func sweep(_ alias: String, in store: borrowing SessionStore) {
    guard let names = try? folder.names() else { return }
    let now = WallClock.seconds
    for name in names where !Self.pointers.contains(name) && name != StateDirectory.lockName {
      if let record = store.state.record(named: name, of: alias), record.isAlive(at: now) {
        continue
      }
      remove(name, in: store)
    }
  }

  /// Removes a session. Its connections end by themselves.
  private func remove(_ name: String, in store: borrowing SessionStore) {
    SharedConnection.remove(of: name, in: store.state)
    folder.remove(name)
  }

  /// Removes every session of the alias, its pointers and its block; the lock file last.
  ///
  /// What removing needs no room for goes first: on a full disk the block alone may stay, which is not
  /// used without a pointer and is rewritten by the next `prepare`.
  public func wipe(
    _ alias: String, in store: borrowing SessionStore, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    for pointer in Self.pointers { folder.remove(pointer) }
    for name in (try? folder.names()) ?? [] where name != StateDirectory.lockName {
      remove(name, in: store)
    }
    let remains = ((try? folder.names()) ?? []).filter { $0 != StateDirectory.lockName }
    let lock = try store.lockConfiguration(until: deadline, caller: caller)
    try store.writeConfiguration(current: [alias: nil], lock)
    guard remains.isEmpty else {
      throw Failure(
        .inputOutput, step: "wipe the session's files", "they cannot be removed",
        hint: "remove \(store.path.sanitized())/\(StateDirectory.sessionsName)/\(alias) yourself")
    }
    removeFolder(alias, in: store)
  }

  /// Removes a session that is gone at the provider. If the alias has a newer session already, its
  /// pointers are left alone.
  public func drop(
    _ record: SessionRecord, of alias: String, in store: borrowing SessionStore,
    until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    let pointers = Self.pointers.filter {
      store.state.record(of: alias, pointer: $0)?.name == record.name
    }
    for pointer in pointers { folder.remove(pointer) }
    remove(record.name, in: store)
    // Last, because it needs room on the disk.
    guard pointers.contains(StateDirectory.currentName) else { return }
    let lock = try store.lockConfiguration(until: deadline, caller: caller)
    try store.writeConfiguration(current: [alias: nil], lock)
  }

  private static var pointers: [String] {
    [SessionStore.pointer(for: .ed25519), SessionStore.pointer(for: .ecdsaP256)]
  }
}

extension SessionStore {
  /// Removes the folders of the given aliases whose last session has expired. A folder that is locked
  /// is in use and stays.
  func sweep(_ aliases: [String], caller: HangUpMonitor) {
    let now = WallClock.seconds
    for alias in aliases {
      guard let folder = folder(alias), let names = try? folder.names() else { continue }
      let isUsed = names.contains { state.record(named: $0, of: alias)?.isAlive(at: now) == true }
      if isUsed || state.lastFailure(of: alias)?.isRecent(at: WallClock.milliseconds) == true {
        continue
      }
      guard
        let lock = try? AliasLock(alias, in: self, until: Moment.now, caller: caller)
      else { continue }
      lock.sweep(alias, in: self)
      lock.removeIfEmpty(alias, in: self)
    }
  }
}

extension AliasLock {
  fileprivate func removeIfEmpty(_ alias: String, in store: borrowing SessionStore) {
    guard let names = try? folder.names() else { return }
    let pointers = Set(names).subtracting([StateDirectory.lockName])
    guard pointers.isSubset(of: Self.pointers) else { return }
    for name in pointers { folder.remove(name) }
    removeFolder(alias, in: store)
  }

  /// Removes the lock file and the folder, unless another process has already made a lock of its own
  /// in it.
  private func removeFolder(_ alias: String, in store: borrowing SessionStore) {
    folder.remove(StateDirectory.lockName)
    store.sessions.removeEmpty(alias)
  }
}
