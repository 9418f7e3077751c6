public import Configuration
import OpenSSH
import SessionRecord
public import SystemIO

/// Gets an alias's session: the stored one if it is still good, else a new one. When many processes
/// want one at once, one asks the provider, and the others use its session or report its failure.
public struct SessionManager {
  private let target: Target
  private let provider: () throws(Failure) -> any SessionProvider
  private let configurationFile: String
  private let configurationWritten: Int64?
  private let rule: EndpointRule
  private let caller: HangUpMonitor
  private let limits: ConnectionSettings
  private let worksUnattended: Bool
  private let now: () -> Int64
  private let start = Moment.now
  /// How long the lock of the generated files is waited for when they are to tell of a failure, in milliseconds:
  /// ssh waits to hear of it.
  private static let withdrawalTimeout = 1000
  /// How long a provider that is asked behind ssh's back may take, in milliseconds: the alias is locked.
  private static let unattendedTimeout = 15_000

  private var deadline: Moment { start + Int.milliseconds(seconds: limits.deadline) }

  /// - Parameters:
  ///   - provider: makes the target's provider; called only where it has to be asked.
  ///   - configurationFile: the file that defines the target; an absolute path.
  ///   - configurationWritten: when that was last written, as it was read; Unix nanoseconds.
  ///   - rule: where the provider's answers may lead.
  ///   - limits: the configured ones: the deadline counts from here on.
  ///   - worksUnattended: whether new sessions may be renewed and asked about behind ssh's back.
  ///   - now: the time; Unix seconds.
  public init(
    target: Target, provider: @escaping () throws(Failure) -> any SessionProvider,
    configurationFile: String, configurationWritten: Int64?, rule: EndpointRule,
    limits: ConnectionSettings, worksUnattended: Bool, caller: HangUpMonitor,
    now: @escaping () -> Int64 = { WallClock.seconds }
  ) {
    self.configurationWritten = configurationWritten
    self.worksUnattended = worksUnattended
    self.now = now
    self.rule = rule
    self.target = target
    self.provider = provider
    self.configurationFile = configurationFile
    self.limits = limits
    self.caller = caller
  }

  /// The alias's session, stored or new.
  /// - Parameter pointer: whose session: libssh2's if it has to use the key with a certificate.
  /// - Returns: a session that need not be renewed yet; if renewing fails, the stored session until
  ///   it expires.
  /// - Throws: what the provider and the store throw.
  public func prepare(
    _ store: SessionStore, for pointer: SessionPointer
  ) throws(Failure) -> StoredSession {
    let alias = target.alias.name
    if let stored = fresh(store, pointer), isUsable(stored, store, pointer) { return stored }
    let lock = try AliasLock(alias, in: store, until: deadline, caller: caller)
    if let stored = fresh(store, pointer) {
      if isUsable(stored, store, pointer) { return stored }
      if !store.state.isInPlace(stored.record, of: alias) {
        do throws(Failure) {
          return try storeAgain(stored, stored.record.addresses, pointer, lock, until: deadline)
        } catch {
          if error.kind == .cancelled { throw error }
        }
      }
    }
    if let failure = lock.failureMeanwhile() { throw failure }
    do throws(Failure) {
      return try keep(try openResuming(pointer, lock, until: deadline), lock, until: deadline)
    } catch {
      if error.kind != .cancelled, let stored = alive(in: store, by: pointer) { return stored }
      if error.kind != .cancelled {
        withdraw(lock)
        lock.remember(error)
      }
      throw error
    }
  }

  /// The alias's stored session, where it has not ended and is for what the configuration says now: the one that
  /// `prepare` gives where it cannot have a fresher one.
  /// - Parameter pointer: whose.
  public func alive(in store: SessionStore, by pointer: SessionPointer) -> StoredSession? {
    guard let stored = store.current(target.alias.name, by: pointer),
      stored.record.isAlive(at: now()), isOurs(stored, store)
    else { return nil }
    return stored
  }

  /// Stores a session that has been opened.
  private func keep(
    _ new: borrowing NewSession, _ lock: borrowing AliasLock, until limit: Moment
  ) throws(Failure) -> StoredSession {
    let stored = try closing(new.session) { () throws(Failure) in
      try lock.save(new, until: limit)
    }
    if isEdited { lock.store.state.doubt(stored.record, of: target.alias.name) }
    PendingSession.forget(lock)
    lock.remember(nil)
    return stored
  }

  /// Opens a session, or goes on where an interrupted call has left one.
  private func openResuming(
    _ pointer: SessionPointer, _ lock: borrowing AliasLock, until limit: Moment
  ) throws(Failure) -> NewSession {
    let pending = PendingSession.left(for: target, keyType(for: pointer), in: lock.store)
    do throws(Failure) {
      return try open(
        pointer, until: limit, isResumable: true, hasFastCipher: lock.store.hasFastCipher, pending
      ) { id, key in
        PendingSession.keep(id, key, of: target, at: now(), lock)
      }
    } catch {
      if ![.cancelled, .temporary, .unreachable].contains(error.kind) {
        PendingSession.forget(lock)
      }
      throw error
    }
  }

  /// The kind of key that a session gets: the configured one, where libssh2 does not need its own.
  private func keyType(for pointer: SessionPointer) -> KeyType {
    pointer == .libSSH2 ? .ecdsaP256 : limits.block.key
  }

  /// Looks after a good session behind ssh's back: renews it when half of its life is gone, else asks
  /// the provider about it, and drops it here when it is gone there, so that the next `prepare` makes
  /// a new one. Nobody waits for it, but for whoever wants the alias's lock meanwhile: so its time is
  /// bounded by less than the deadline.
  /// - Throws: what the provider and the store throw; the session counts as before.
  public func upkeep(of name: String, _ store: SessionStore) throws(Failure) {
    let alias = target.alias.name
    guard let record = store.state.record(of: alias), record.name == name else { return }
    let lock = try AliasLock(alias, in: store, until: Moment.now, caller: caller)
    guard let (stored, pointer) = store.session(named: name, of: alias), isOurs(stored, store)
    else {
      return
    }
    let limit = min(deadline, Moment.now + Self.unattendedTimeout)
    if store.state.isRenewalDue(record, at: now()) {
      // On the route `jump` it is libssh2's where the key is, whatever pointers lead to it.
      let isLibSSH2s = target.route != .direct && stored.keyType == .ecdsaP256
      let new = try openResuming(isLibSSH2s ? .libSSH2 : pointer, lock, until: limit)
      // ssh may have read of the old one a moment ago, and would record the new one's key under its name.
      let leadsElsewhere =
        new.session.endpoint != stored.session.endpoint || new.session.jump != stored.session.jump
      guard stored.session.hostTrust != .users || !leadsElsewhere
      else {
        PendingSession.forget(lock)
        try? provider().close(new.session, until: Moment.now + Session.closingTimeout)
        return try lock.drop(record, until: limit)
      }
      _ = try keep(new, lock, until: limit)
    } else {
      _ = try confirm(stored, pointer, lock, until: limit)
    }
  }

  /// Takes the alias out of the generated files when it has no session that is good: other programs than
  /// ssh read them without asking us first.
  private func withdraw(_ lock: borrowing AliasLock) {
    let alias = target.alias.name
    let store = lock.store
    // Where libssh2 can have no session, ssh's may be good.
    guard alive(in: store, by: .ssh) == nil, let stored = store.current(alias, by: .ssh),
      let configuration = try? GeneratedConfiguration(
        of: store, until: Moment.now + Self.withdrawalTimeout, caller: caller)
    else { return }
    // One that is good, but not for what `config.toml` says, would count again without its block once that is
    // as it was.
    if stored.record.isAlive(at: now()) {
      lock.forgetPointers(to: stored.record)
    }
    _ = try? configuration.write(current: [alias: nil])
  }

  /// Opens a session at the provider without storing it.
  /// - Throws: what the provider throws, `.invalidResponse` for a session that has expired already or leads
  ///   where none may lead, `.temporary`
  ///   when the endpoint's name cannot be resolved in time.
  public func open(for pointer: SessionPointer) throws(Failure) -> NewSession {
    try open(pointer, until: deadline, isResumable: false, hasFastCipher: false)
  }

  /// - Parameters:
  ///   - hasFastCipher: see `SessionStore`; libssh2 has no use for it.
  ///   - isResumable: whether a later call can take up what this one leaves.
  ///   - pending: what an interrupted call has left.
  ///   - keep: is given what this call leaves if it is interrupted.
  private func open(
    _ pointer: SessionPointer, until limit: Moment, isResumable: Bool, hasFastCipher: Bool,
    _ pending: consuming PendingSession? = nil,
    keep: (_ id: String, _ key: borrowing KeyPair) -> Void = { _, _ in }
  ) throws(Failure) -> NewSession {
    let id = pending?.header.id
    let key = try Self.key(pending, keyType(for: pointer))
    let provider = try provider()
    var session: Session
    if isResumable, let resumable = provider as? any ResumableProvider {
      session = try resumable.open(
        for: key.publicKey, resuming: id, named: { keep($0, key) }, until: limit)
    } else {
      session = try provider.open(for: key.publicKey, until: limit)
    }
    let type = key.type
    session.expires = min(session.expires, now() + Int64(limits.maxLife))
    let found = try closing(session) { () throws(Failure) in
      try rule.check(session)
      guard session.expires > now() else {
        throw Failure(
          .invalidResponse, step: "open a session", "the provider's session has expired already",
          hint: "set this computer's clock, and run it again")
      }
      session.options += session.blockSettings(
        by: limits.block, keyType: type, hasFastCipher: hasFastCipher)
      return try addresses(of: session, until: limit)
    }
    var new = NewSession(
      session: session, target: target, key: key, pointer: pointer, addresses: found,
      opening: Moment.now - start, deadline: limits.deadline)
    new.worksUnattended = worksUnattended
    return new
  }

  /// The key that an interrupted call has left, or a new one.
  private static func key(
    _ pending: consuming PendingSession?, _ type: KeyType
  ) throws(Failure) -> KeyPair {
    if let pending { return pending.takeKey() }
    return try KeyPair.generate(type)
  }

  /// Closes a new session at the provider when `body` cannot use it.
  private func closing<Value>(
    _ session: Session, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    try closingOnFailure(
      { (limit) throws(Failure) in try provider().close(session, until: limit) }, body)
  }

  /// What has become of a stored session.
  public enum Verdict: Sendable {
    /// It still exists. It is stored anew where its endpoint's name has other addresses by now.
    case alive(StoredSession)
    /// Another process has put this one in its place, in which whoever logs in by a key of their own can
    /// go on.
    case replaced(StoredSession)
    /// It does not exist, or not any more, and has been dropped here too.
    case gone
  }

  /// Asks the provider about a stored session that does not answer, or refuses its key. Whoever asks,
  /// the alias's lock comes first, then the provider, then the lock of the configuration.
  /// - Parameter limit: the end of the wait, if it is not to be the deadline.
  /// - Throws: what the provider and the store throw.
  public func ask(
    about name: String, _ store: SessionStore, until limit: Moment? = nil
  ) throws(Failure) -> Verdict {
    let alias = target.alias.name
    let limit = min(deadline, limit ?? deadline)
    let lock = try AliasLock(alias, in: store, until: limit, caller: caller)
    if let (stored, pointer) = store.session(named: name, of: alias) {
      return try confirm(stored, pointer, lock, until: limit)
    }
    if store.current(alias, by: .ssh) != nil {
      guard let other = alive(in: store, by: .ssh), !other.session.usesSessionKey
      else { return .gone }
      return .replaced(other)
    }
    // What is left of it is of no use to anybody, but ssh would go on believing its record.
    if let record = store.state.record(named: name, of: alias) {
      try lock.drop(record, until: limit)
    }
    return .gone
  }

  /// Asks about a session and drops it when it is gone.
  private func confirm(
    _ stored: StoredSession, _ pointer: SessionPointer, _ lock: borrowing AliasLock,
    until limit: Moment
  ) throws(Failure) -> Verdict {
    guard try provider().isAlive(stored.session, until: limit) else {
      try lock.drop(stored.record, until: limit)
      return .gone
    }
    return .alive(try refresh(stored, pointer, lock, until: limit))
  }

  /// Stores the session again if its endpoint's name has other addresses by now.
  private func refresh(
    _ stored: StoredSession, _ pointer: SessionPointer, _ lock: borrowing AliasLock,
    until limit: Moment
  ) throws(Failure) -> StoredSession {
    guard stored.record.stream == .direct else { return stored }
    let found = try addresses(of: stored.session, until: limit)
    guard Set(found.map(\.host)) != Set(stored.record.addresses.map(\.host)) else { return stored }
    return try storeAgain(stored, found, pointer, lock, until: limit)
  }

  /// Stores a session once more, with its key and the host keys that it has seen, for other addresses or
  /// in the place where the state directory is now.
  private func storeAgain(
    _ stored: StoredSession, _ addresses: [SocketAddress], _ pointer: SessionPointer,
    _ lock: borrowing AliasLock, until limit: Moment
  ) throws(Failure) -> StoredSession {
    let store = lock.store
    let key =
      stored.session.usesSessionKey
      ? try store.key(of: stored) : try KeyPair.generate(stored.keyType)
    var new = NewSession(
      session: stored.session, target: target, key: key, pointer: pointer, addresses: addresses,
      opening: stored.record.opening, deadline: limits.deadline)
    new.knownHosts = store.knownHosts(of: stored)
    new.worksUnattended = worksUnattended
    let again = try lock.save(new, until: limit)
    if isEdited { store.state.doubt(again.record, of: target.alias.name) }
    return again
  }

  /// The stored session, where it need not be renewed yet.
  private func fresh(_ store: SessionStore, _ pointer: SessionPointer) -> StoredSession? {
    guard let stored = alive(in: store, by: pointer), stored.record.isFresh(at: now())
    else { return nil }
    return stored
  }

  /// Whether a stored session is where ssh's block says, and ssh has that block where it needs one.
  private func isUsable(
    _ stored: StoredSession, _ store: SessionStore, _ pointer: SessionPointer
  ) -> Bool {
    store.state.isInPlace(stored.record, of: target.alias.name)
      && (!target.hasBlock(by: pointer) || store.state.hasConfiguration)
  }

  /// Whether a stored session belongs to the target. If the configuration has been edited since, what
  /// the alias means is compared.
  private func isOurs(_ stored: StoredSession, _ store: SessionStore) -> Bool {
    let alias = target.alias.name
    guard store.state.isOlder(stored.record, of: alias, than: configurationFile) else {
      return true
    }
    guard stored.belongs(to: target), stored.goesThrough(target.through),
      (try? rule.check(stored.session)) != nil
    else {
      return false
    }
    if !isEdited { store.state.confirm(stored.record, of: alias) }
    return true
  }

  /// Whether the configuration has been edited since it was read: what the alias means now is not known here.
  private var isEdited: Bool {
    FileStatus(of: configurationFile)?.lastWrite != configurationWritten
  }

  private func addresses(
    of session: Session, until limit: Moment
  ) throws(Failure) -> [SocketAddress] {
    try rule.addresses(of: session, through: target.through, until: limit, caller: caller)
  }
}
