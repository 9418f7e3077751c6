import OpenSSH
import SessionRecord
import SystemIO

extension SessionStore {
  private static var lockName: String { "lock" }
  private static var blockLimit: Int { 64 * 1024 }

  /// The lock of the one generated configuration.
  func lockConfiguration(until deadline: Moment, caller: Caller) throws(Failure) -> FileLock {
    try FileLock(
      Self.lockName, in: state.directory.descriptor, until: deadline, caller: caller)
  }

  /// Writes the configuration anew: a block for each live session. ssh parses an `Include` for
  /// every host, so what was written is read back before it is put in place.
  /// - Parameter current: sessions that are about to become an alias's; `nil` drops the alias.
  func writeConfiguration(
    current: [String: String?] = [:], _ lock: borrowing FileLock
  ) throws(Failure) {
    let now = WallClock.seconds
    var blocks: [ClientConfiguration.Block] = []
    for alias in aliases {
      let record: SessionRecord?
      if let chosen = current[alias] {
        record = chosen.flatMap { state.record(named: $0, of: alias) }
      } else {
        record = state.record(of: alias)
      }
      if let record, record.isAlive(at: now) { blocks += block(of: record, alias) }
    }
    let text = try ClientConfiguration.render(blocks)
    guard try ClientConfiguration.check(text) == blocks else {
      throw Failure(.fault, step: "write ssh's configuration", "it does not read back as written")
    }
    PrivateFile.removeRemains(of: StateDirectory.configurationName, in: state.directory)
    try reportingFailure { () throws(SystemError) in
      try PrivateFile.write(
        text, to: StateDirectory.configurationName, in: state.directory.descriptor)
    }
  }

  /// The block that was stored with a session; none when it is damaged.
  private func block(of record: SessionRecord, _ alias: String) -> [ClientConfiguration.Block] {
    let path = "\(alias)/\(record.name)/\(StateDirectory.configurationName)"
    guard
      let bytes = try? PrivateFile.read(
        path, in: sessions.descriptor.number, limit: Self.blockLimit),
      let text = String(validating: bytes, as: UTF8.self),
      let blocks = try? ClientConfiguration.check(text)
    else { return [] }
    return blocks.filter { $0.alias == alias }
  }
}
