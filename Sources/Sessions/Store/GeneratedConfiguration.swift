import OpenSSH
import SessionRecord
import SystemIO

/// The two generated files, of which there is one pair: what ssh includes, and the same for other programs.
/// Whoever has this holds their lock.
struct GeneratedConfiguration: ~Copyable {
  private let store: SessionStore
  private let lock: FileLock

  private static let lockName = "lock"
  /// The largest block of one session, in bytes.
  private static let blockLimit = 64 * 1024
  /// Of so many sessions, the newest, other programs than ssh are told the settings; of all others the
  /// names. ssh reads their file, too, for every host: six lines a session cost it 2 µs.
  private static let mostForOthers = 32

  /// - Throws: `.temporary` when another process holds the lock until `deadline`, `.cancelled`,
  ///   `.inputOutput`.
  init(of store: SessionStore, until deadline: Moment, caller: HangUpMonitor) throws(Failure) {
    self.store = store
    lock = try FileLock(
      Self.lockName, in: store.state.directory.descriptor, until: deadline, caller: caller)
  }

  /// Rewrites both files with a block for each live session. ssh parses an `Include` for every host, so
  /// the texts are parsed back before they are put in place.
  /// - Parameter current: by alias, the session to take instead of its current one; `nil` for none.
  /// - Returns: the aliases that have no block.
  @discardableResult
  func write(current: [String: String?] = [:]) throws(Failure) -> [String] {
    let now = store.now()
    let call = store.call
    var blocks: [ClientConfiguration.Block] = []
    var places: [ProgramCall.Reach?] = []
    var created: [Int64] = []
    var others: [String] = []
    for alias in store.aliases {
      let record: SessionRecord?
      if let chosen = current[alias] {
        record = chosen.flatMap { store.state.record(named: $0, of: alias) }
      } else {
        record = store.state.record(of: alias)
      }
      if let record, record.isAlive(at: now), let block = Self.block(of: record, alias, in: store) {
        places.append(record.reach)
        blocks.append(block)
        created.append(record.created)
      } else {
        others.append(alias)
      }
    }
    if let call { ClientConfiguration.bind(&blocks, by: call, to: places) }
    let oldest = created.sorted(by: >).prefix(Self.mostForOthers).last ?? now
    let known = zip(blocks, created).map { block, created in
      created < oldest ? ClientConfiguration.Block(alias: block.alias, settings: []) : block
    }
    try write(try sound(known, for: .anyProgram, call), StateDirectory.hostsName)
    try write(try sound(blocks, for: .openSSH, call), StateDirectory.configurationName)
    return others
  }

  private func write(_ text: String, _ name: String) throws(Failure) {
    PrivateFile.removeRemains(of: name, in: store.state.directory)
    try PrivateFile.write(text, to: name, in: store.state.directory.descriptor)
  }

  /// The blocks as one text that reads back as written.
  private func sound(
    _ blocks: [ClientConfiguration.Block], for reader: ClientConfiguration.Reader,
    _ call: ProgramCall?
  ) throws(Failure) -> String {
    let program = call?.program
    let text = try ClientConfiguration.render(blocks, for: reader, program: program)
    guard let read = try? ClientConfiguration.check(text, for: reader, program: program),
      read.map(\.alias).sorted() == blocks.map(\.alias).sorted()
    else {
      throw Failure(
        .internalError, step: "write ssh's configuration", "it does not read back as written")
    }
    return text
  }

  /// The block that was stored with a session; `nil` for one that is damaged.
  static func block(
    of record: SessionRecord, _ alias: String, in store: SessionStore
  ) -> ClientConfiguration.Block? {
    guard
      let bytes = try? store.read(
        StateDirectory.configurationName, of: record.name, alias, limit: blockLimit),
      let text = String(validating: bytes, as: UTF8.self),
      let blocks = try? ClientConfiguration.parse(text), blocks.map(\.alias) == [alias]
    else { return nil }
    return blocks.first
  }
}
