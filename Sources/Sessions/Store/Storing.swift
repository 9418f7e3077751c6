import OpenSSH
import SessionRecord
public import SystemIO

extension AliasLock {
  /// Stores a session and makes it the one that its alias stands for; then what has expired is
  /// swept.
  public func store(
    _ new: borrowing NewSession, in store: borrowing SessionStore, until deadline: Moment,
    caller: Caller
  ) throws(Failure) -> StoredSession {
    let record = new.makeRecord()
    let others = try putInPlace(record, new, in: store, until: deadline, caller: caller)
    sweep(new.alias, in: store)
    store.sweep(others, caller: caller)
    return StoredSession(
      record: record, session: new.session, target: new.storedTarget, keyType: new.key.type,
      directory: store.directory(of: record.name, new.alias))
  }

  /// Directory, generated configuration, pointer, in this order, so that whatever happens in
  /// between leaves a state that the next `prepare` mends. A signal to end waits until all is
  /// there.
  /// - Returns: the aliases whose sessions may all have expired.
  private func putInPlace(
    _ record: SessionRecord, _ new: borrowing NewSession, in store: borrowing SessionStore,
    until deadline: Moment, caller: Caller
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

  /// Writes the session's own directory. The record comes last: without it there is no session.
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
    if let text = new.session.knownHostsText { try write(text, Session.FileName.knownHosts) }
    try write(block, StateDirectory.configurationName)
    try write(json, SessionFile.name)
    try write(record.fileText, SessionRecord.fileName)
  }

  /// Moves a pointer of the alias in one step.
  private func point(_ pointer: String, to name: String) throws(Failure) {
    let temporary = ".\(pointer).\(getpid())"
    unlinkat(folder.descriptor.number, temporary, 0)
    guard symlinkat(name, folder.descriptor.number, temporary) == 0,
      renameat(folder.descriptor.number, temporary, folder.descriptor.number, pointer) == 0
    else { throw SystemError("store the session").failure }
  }
}
