import OpenSSH
import SessionRecord
import SystemIO

extension SessionStore {
  private static var lockName: String { "lock" }
  private static var blockLimit: Int { 64 * 1024 }

  /// Takes the lock of the generated configuration, of which there is one.
  func lockConfiguration(until deadline: Moment, caller: Caller) throws(Failure) -> FileLock {
    try FileLock(
      Self.lockName, in: state.directory.descriptor, until: deadline, caller: caller)
  }

  /// Rewrites the configuration with a block for each live session. ssh parses an `Include` for every
  /// host, so the text is parsed back before it is put in place.
  /// - Parameter current: by alias, the session to take instead of its current one; `nil` for none.
  /// - Returns: the aliases that have no block.
  @discardableResult
  func writeConfiguration(
    current: [String: String?] = [:], _ lock: borrowing FileLock
  ) throws(Failure) -> [String] {
    let now = WallClock.seconds
    var blocks: [StoredBlock] = []
    var others: [String] = []
    for alias in aliases {
      let record: SessionRecord?
      if let chosen = current[alias] {
        record = chosen.flatMap { state.record(named: $0, of: alias) }
      } else {
        record = state.record(of: alias)
      }
      if let record, record.isAlive(at: now), let block = block(of: record, alias) {
        blocks.append(block)
      } else {
        others.append(alias)
      }
    }
    let text = try joined(blocks)
    PrivateFile.removeRemains(of: StateDirectory.configurationName, in: state.directory)
    try reportingFailure { () throws(SystemError) in
      try PrivateFile.write(
        text, to: StateDirectory.configurationName, in: state.directory.descriptor)
    }
    return others
  }

  /// The blocks as one text that parses back to them. Damaged blocks are left out.
  private func joined(_ blocks: [StoredBlock]) throws(Failure) -> String {
    let text = ClientConfiguration.join(blocks.map(\.text))
    if aliases(in: text) == blocks.map(\.alias) { return text }
    let sound = blocks.filter { aliases(in: $0.text) == [$0.alias] }
    guard sound.count < blocks.count else {
      throw Failure(.fault, step: "write ssh's configuration", "it does not read back as written")
    }
    return try joined(sound)
  }

  private func aliases(in text: String) -> [String]? {
    (try? ClientConfiguration.check(text))?.map(\.alias)
  }

  /// The block that was stored with a session.
  private func block(of record: SessionRecord, _ alias: String) -> StoredBlock? {
    let path = "\(alias)/\(record.name)/\(StateDirectory.configurationName)"
    guard
      let bytes = try? PrivateFile.read(
        path, in: sessions.descriptor.number, limit: Self.blockLimit),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    return StoredBlock(alias: alias, text: text)
  }
}

/// The block for ssh that was stored with a session.
private struct StoredBlock {
  let alias: String
  let text: String
}
