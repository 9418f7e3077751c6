public import OpenSSH
import SessionRecord
public import SystemIO

/// What `setup` knows and the generated files need, kept in the state directory for this computer alone.
extension SessionStore {
  /// The largest call, in bytes: four paths and the words around them.
  private static var callLimit: Int { 64 * 1024 }

  /// What ssh calls, as `setup` has written it; `nil` where it has not run.
  public var call: ProgramCall? {
    let bytes = try? PrivateFile.read(
      StateDirectory.callName, in: state.directory.descriptor.number, limit: Self.callLimit)
    guard let text = bytes.flatMap({ String(validating: $0, as: UTF8.self) }), text.hasSuffix("\n")
    else { return nil }
    return ProgramCall(reading: String(text.dropLast()))
  }

  /// Keeps what ssh calls, and has the generated files call the same. Both or neither: once this is kept,
  /// `connect` turns away an ssh whose block does not say where it leads.
  /// - Throws: `.inputOutput`, `.temporary` where the configuration stays locked, `.cancelled`.
  public func setCall(
    _ call: ProgramCall, until deadline: Moment, caller: HangUpMonitor
  ) throws(Failure) {
    guard call != self.call else { return }
    guard !aliases.isEmpty else { return try write(call) }
    let configuration = try GeneratedConfiguration(of: self, until: deadline, caller: caller)
    try write(call)
    do throws(Failure) {
      try configuration.write()
    } catch {
      state.directory.remove(StateDirectory.callName)
      throw error
    }
  }

  private func write(_ call: ProgramCall) throws(Failure) {
    try PrivateFile.write(
      call.text + "\n", to: StateDirectory.callName, in: state.directory.descriptor)
  }

  /// Undoes `setCall` and `setFastCipher`, with the state directory where nothing else is in it.
  /// - Parameter path: the state directory's.
  public static func forgetSetup(in path: String) {
    guard let directory = try? PrivateDirectory(opening: path) else { return }
    directory.remove(StateDirectory.callName)
    directory.remove(cipherName)
    directory.removeEmpty(StateDirectory.sessionsName)
    FilePath.removeEmptyDirectory(path)
  }
}

/// `setup` finds out whether ssh is to put a faster cipher first, because it may ask ssh about the user's
/// own settings: in a `prepare`, which ssh runs, that would begin anew. What it found is kept for the
/// sessions that are made later, and put into those that are stored.
extension SessionStore {
  private static var cipherName: String { "ciphers" }
  private static var cipherText: String { Setting.fastCipher + "\n" }

  /// Whether a session's block names `Setting.fastCipher`.
  public var hasFastCipher: Bool {
    let bytes = try? PrivateFile.read(
      Self.cipherName, in: state.directory.descriptor.number, limit: 256)
    return bytes == Array(Self.cipherText.utf8)
  }

  /// Counts from the next session on; `renewCiphers` has the others follow.
  /// - Throws: `.inputOutput`.
  public func setFastCipher(_ isFast: Bool) throws(Failure) {
    guard isFast != hasFastCipher else { return }
    guard isFast else { return state.directory.remove(Self.cipherName) }
    try PrivateFile.write(
      Self.cipherText, to: Self.cipherName, in: state.directory.descriptor)
  }

  /// Has ssh's blocks of the sessions that are stored say the same, too. A session that somebody is renewing
  /// needs nothing.
  /// - Throws: `.inputOutput`, `.temporary` where the configuration stays locked.
  public func renewCiphers(until deadline: Moment, caller: HangUpMonitor) throws(Failure) {
    let isFast = hasFastCipher
    var isChanged = false
    for alias in aliases {
      guard let lock = try? AliasLock(alias, in: self, until: Moment.now, caller: caller) else {
        continue
      }
      for stored in SessionPointer.allCases.compactMap({ current(alias, by: $0) })
      where stored.record.isAlive(at: now()) && stored.hasFastCipher != isFast {
        isChanged = true
        try lock.setFastCipher(isFast, stored)
      }
    }
    if isChanged { try rewriteConfiguration(until: deadline, caller: caller) }
  }
}

extension StoredSession {
  fileprivate var hasFastCipher: Bool { session.options.contains { $0.keyword == .ciphers } }
}

extension AliasLock {
  /// Of what is written with a session, this alone may change while it lasts: an ssh that has read the
  /// block already goes on with the ciphers that it has read.
  fileprivate func setFastCipher(
    _ isFast: Bool, _ stored: StoredSession
  ) throws(Failure) {
    let alias = stored.target.alias
    let cipher = isFast ? [Setting(.ciphers, Setting.fastCipher)] : []
    var session = stored.session
    session.options = session.options.filter { $0.keyword != .ciphers } + cipher
    let json = try StoredSession.Contents(
      session: session, target: stored.target, keyType: stored.keyType
    ).encodedText()
    let configuration = GeneratedConfiguration.block(of: stored.record, alias, in: store)
    guard var block = configuration else { return }
    block = .init(
      alias: alias, settings: block.settings.filter { $0.keyword != .ciphers } + cipher)
    let directory = try PrivateDirectory(
      opening: stored.record.name, in: folder.descriptor.number)
    try PrivateFile.write(
      try ClientConfiguration.render([block]), to: StateDirectory.configurationName,
      in: directory.descriptor)
    try PrivateFile.write(json, to: StoredSession.Contents.fileName, in: directory.descriptor)
  }
}
