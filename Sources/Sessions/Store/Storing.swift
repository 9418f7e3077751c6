import OpenSSH
import SessionRecord
public import SystemIO

extension AliasLock {
  /// Stores a session, makes it the alias's current one, and sweeps expired sessions.
  /// - Throws: `.inputOutput`, `.temporary` when the configuration stays locked until `deadline`,
  ///   `.invalidResponse` for a value that ssh's configuration cannot hold, `.cancelled`.
  public func store(
    _ new: borrowing NewSession, in store: borrowing SessionStore, until deadline: Moment,
    caller: HangUpMonitor
  ) throws(Failure) -> StoredSession {
    let alias = new.alias
    let record = new.makeRecord { store.directory(of: $0, alias) }
    let others = try putInPlace(record, new, in: store, until: deadline, caller: caller)
    sweep(new.alias, in: store)
    store.sweep(others, caller: caller)
    return StoredSession(
      record: record, session: new.session, target: new.storedTarget, keyType: new.key.type,
      directory: store.directory(of: record.name, new.alias))
  }

  /// Writes the session's directory, then the generated configuration, then the pointer. In this
  /// order, the next `prepare` can repair the state if we are killed in between. Signals are held back
  /// meanwhile.
  /// - Returns: the aliases whose sessions may all have expired.
  private func putInPlace(
    _ record: SessionRecord, _ new: borrowing NewSession, in store: borrowing SessionStore,
    until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) -> [String] {
    let lock = try store.lockConfiguration(until: deadline, caller: caller)
    return try holdingSignals { () throws(Failure) in
      do throws(Failure) {
        try fill(record, new, store.directory(of: record.name, new.alias))
        let others =
          new.pointers.contains(StateDirectory.currentName)
          ? try store.writeConfiguration(current: [new.alias: record.name], lock) : store.aliases
        for pointer in new.pointers { try point(pointer, to: record.name) }
        return others
      } catch {
        folder.remove(record.name)
        throw error
      }
    }
  }

  /// Writes the session's directory. The record is written last: without it there is no session.
  private func fill(
    _ record: SessionRecord, _ new: borrowing NewSession, _ path: String
  ) throws(Failure) {
    let file = SessionFile(new.session, of: new.target, keyType: new.key.type)
    let json = try file.encodedText()
    let block = try new.block(directory: path)
    let directory = try reportingFailure { () throws(SystemError) in
      try PrivateDirectory(making: record.name, in: folder.descriptor.number)
    }
    func write(_ text: String, _ name: String) throws(Failure) {
      try reportingFailure { () throws(SystemError) in
        try PrivateFile.write(text, to: name, in: directory.descriptor)
      }
    }
    if new.session.usesSessionKey {
      try new.key.withPrivateKeyFile { (bytes) throws(Failure) in
        try reportingFailure { () throws(SystemError) in
          try PrivateFile.write(bytes, to: Session.FileName.key, in: directory.descriptor)
        }
      }
    }
    if case .sessionKey(_, .some(let certificate)) = new.session.login {
      try write(certificate + "\n", Session.FileName.certificate)
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
    try write(json, SessionFile.name)
    try write(record.fileText, SessionRecord.fileName)
  }

  /// Moves a pointer of the alias, atomically.
  private func point(_ pointer: String, to name: String) throws(Failure) {
    let temporary = ".\(pointer).\(getpid())"
    unlinkat(folder.descriptor.number, temporary, 0)
    guard symlinkat(name, folder.descriptor.number, temporary) == 0,
      renameat(folder.descriptor.number, temporary, folder.descriptor.number, pointer) == 0
    else { throw SystemError("store the session").failure }
  }
}
