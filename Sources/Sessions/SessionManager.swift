public import OpenSSH
import SessionRecord
public import SystemIO

/// Gets an alias's session: the stored one if it is still good, else a new one. When many processes
/// want one at once, one asks the provider, and the others use its session or report its failure.
public struct SessionManager {
  private let target: Target
  private let provider: any SessionProvider
  private let configurationFile: String
  private let rule: EndpointRule
  private let caller: HangUpMonitor
  private let limits: Configuration.Connection
  private let worksUnattended: Bool
  private let start = Moment.now
  /// How long closing an unusable session at the provider may take, in milliseconds.
  private static let patience = 1000
  /// How long ssh may take from `prepare` to `connect`, in milliseconds: what it has read in between
  /// belongs to the session that `connect` has to find.
  private static let startOfSSH = 500
  /// How long a provider that is asked behind ssh's back may take, in milliseconds: the alias is locked.
  private static let unattendedPatience = 15_000

  private var deadline: Moment { start + Int.milliseconds(seconds: limits.deadline) }

  /// - Parameters:
  ///   - configurationFile: the file that defines the target; an absolute path.
  ///   - rule: where the provider's answers may lead.
  ///   - limits: the configured ones: the deadline counts from here on.
  ///   - worksUnattended: whether new sessions may be renewed and asked about behind ssh's back.
  public init(
    target: Target, provider: any SessionProvider, configurationFile: String,
    rule: EndpointRule, limits: Configuration.Connection, worksUnattended: Bool,
    caller: HangUpMonitor
  ) {
    self.worksUnattended = worksUnattended
    self.rule = rule
    self.target = target
    self.provider = provider
    self.configurationFile = configurationFile
    self.limits = limits
    self.caller = caller
  }

  /// The alias's session, stored or new.
  /// - Parameter keyType: ECDSA if libssh2 has to use the key with a certificate.
  /// - Returns: a session that need not be renewed yet; if renewing fails, the stored session until
  ///   it expires.
  /// - Throws: what the provider and the store throw.
  public func prepare(
    _ store: borrowing SessionStore, keyType: KeyType
  ) throws(Failure) -> StoredSession {
    let alias = target.alias.name
    if let stored = fresh(store, keyType) { return stored }
    let lock = try AliasLock(alias, in: store, until: deadline, caller: caller)
    if let stored = fresh(store, keyType) { return stored }
    if let stored = displaced(store, keyType),
      let here = try? storeAgain(stored, stored.record.addresses, keyType, lock, store)
    {
      return here
    }
    if let failure = lock.failureMeanwhile(of: alias, in: store.state) { throw failure }
    do throws(Failure) {
      return try makeAnew(keyType, lock, store)
    } catch {
      if error.kind != .cancelled, let stored = store.current(alias, keyType: keyType),
        stored.record.isAlive(at: WallClock.seconds), isOurs(stored, store)
      {
        return stored
      }
      if error.kind != .cancelled {
        withdraw(store)
        lock.remember(error)
      }
      throw error
    }
  }

  /// Opens a session and stores it.
  private func makeAnew(
    _ keyType: KeyType, _ lock: borrowing AliasLock, _ store: borrowing SessionStore
  ) throws(Failure) -> StoredSession {
    let new = try open(keyType, hasFastCipher: store.hasFastCipher)
    let stored = try closingOnFailure(new.session) { () throws(Failure) in
      try lock.store(new, in: store, until: deadline, caller: caller)
    }
    lock.remember(nil)
    return stored
  }

  /// Looks after a good session behind ssh's back: renews it when half of its life is gone, else asks
  /// the provider about it, and drops it here when it is gone there, so that the next `prepare` makes
  /// a new one. Does nothing when another process has the alias's lock.
  /// - Throws: what the provider and the store throw; the session counts as before.
  public func lookAfter(_ name: String, _ store: borrowing SessionStore) throws(Failure) {
    let alias = target.alias.name
    guard let record = store.state.record(of: alias), record.name == name else { return }
    let isRenewal = store.state.isRenewalDue(record, at: WallClock.seconds)
    if isRenewal { try caller.sleep(until: Moment.now + Self.startOfSSH) }
    let lock = try AliasLock(alias, in: store, until: Moment.now, caller: caller)
    guard let stored = store.current(alias, keyType: .ed25519), stored.record.name == name,
      isOurs(stored, store)
    else { return }
    if isRenewal {
      _ = try makeAnew(stored.keyType, lock, store)
    } else {
      let limit = min(deadline, Moment.now + Self.unattendedPatience)
      _ = try confirm(stored, lock, store, until: limit)
    }
  }

  /// Takes the alias out of the generated files when it has no session that is good: other programs than
  /// ssh read them without asking us first.
  private func withdraw(_ store: borrowing SessionStore) {
    let alias = target.alias.name
    guard store.current(alias, keyType: .ed25519) != nil,
      let lock = try? store.lockConfiguration(until: Moment.now + Self.patience, caller: caller)
    else { return }
    _ = try? store.writeConfiguration(current: [alias: nil], lock)
  }

  /// Opens a session at the provider without storing it.
  /// - Parameter hasFastCipher: see `SessionStore`; libssh2 has no use for it.
  /// - Throws: what the provider throws, `.invalidResponse` for a session that has expired already or leads
  ///   where none may lead, `.temporary`
  ///   when the endpoint's name cannot be resolved in time.
  public func open(
    _ keyType: KeyType, hasFastCipher: Bool = false
  ) throws(Failure) -> NewSession {
    let key = try KeyPair.generate(limits.block.key == .ecdsaP256 ? .ecdsaP256 : keyType)
    var session = try provider.open(for: key.publicKey, until: deadline)
    let type = key.type
    session.expires = min(session.expires, WallClock.seconds + Int64(limits.maxLife))
    let found = try closingOnFailure(session) { () throws(Failure) in
      try rule.check(session)
      guard session.expires > WallClock.seconds else {
        throw Failure(
          .invalidResponse, step: "open a session", "the provider's session has expired already",
          hint: "set this computer's clock, and run it again")
      }
      session.options += try session.settings(
        limits.block, keyType: type, hasFastCipher: hasFastCipher)
      return try addresses(of: session)
    }
    var new = NewSession(
      session: session, target: target, key: key, role: keyType, addresses: found,
      opening: Moment.now - start, deadline: limits.deadline)
    new.worksUnattended = worksUnattended
    return new
  }

  /// Closes a new session at the provider when `body` cannot use it: providers limit how many may be
  /// open.
  private func closingOnFailure<Value>(
    _ session: Session, _ body: () throws(Failure) -> Value
  ) throws(Failure) -> Value {
    do throws(Failure) {
      return try body()
    } catch {
      try? provider.close(session, until: Moment.now + Self.patience)
      throw error
    }
  }

  /// Asks the provider about a stored session that does not answer.
  /// - Parameter patience: the longest wait in milliseconds, if it is not to be the whole deadline.
  /// - Returns: whether it still exists. If not, it has been dropped here too.
  public func ask(
    about name: String, _ store: borrowing SessionStore, patience: Int? = nil
  ) throws(Failure) -> Bool {
    let alias = target.alias.name
    let limit = patience.map { min(deadline, Moment.now + $0) } ?? deadline
    let lock = try AliasLock(alias, in: store, until: limit, caller: caller)
    guard let stored = store.current(alias, keyType: .ed25519), stored.record.name == name else {
      return false
    }
    return try confirm(stored, lock, store, until: limit)
  }

  /// Asks about a session and drops it when it is gone.
  private func confirm(
    _ stored: StoredSession, _ lock: borrowing AliasLock, _ store: borrowing SessionStore,
    until limit: Moment
  ) throws(Failure) -> Bool {
    guard try provider.isAlive(stored.session, until: limit) else {
      let alias = target.alias.name
      try lock.drop(stored.record, of: alias, in: store, until: deadline, caller: caller)
      return false
    }
    return try refresh(stored, lock, store)
  }

  /// Stores the session again if its endpoint's name has other addresses by now.
  private func refresh(
    _ stored: StoredSession, _ lock: borrowing AliasLock, _ store: borrowing SessionStore
  ) throws(Failure) -> Bool {
    guard stored.record.route == .direct else { return true }
    let found = try addresses(of: stored.session)
    guard Set(found.map(\.host)) != Set(stored.record.addresses.map(\.host)) else { return true }
    _ = try storeAgain(stored, found, .ed25519, lock, store)
    return true
  }

  /// Stores a session once more, with its key and the host keys that it has seen, for other addresses or
  /// in the place where the state directory is now.
  private func storeAgain(
    _ stored: StoredSession, _ addresses: [SocketAddress], _ role: KeyType,
    _ lock: borrowing AliasLock, _ store: borrowing SessionStore
  ) throws(Failure) -> StoredSession {
    let key =
      stored.session.usesSessionKey
      ? try store.key(of: stored) : try KeyPair.generate(stored.keyType)
    var again = NewSession(
      session: stored.session, target: target, key: key, role: role, addresses: addresses,
      opening: stored.record.opening, deadline: limits.deadline)
    again.knownHosts = store.knownHosts(of: stored)
    again.worksUnattended = worksUnattended
    return try lock.store(again, in: store, until: deadline, caller: caller)
  }

  /// A session that is good but for its place: ssh's block names files where they are no more.
  private func displaced(_ store: borrowing SessionStore, _ keyType: KeyType) -> StoredSession? {
    guard let stored = store.current(target.alias.name, keyType: keyType),
      stored.record.isFresh(at: WallClock.seconds), isOurs(stored, store),
      !store.state.isInPlace(stored.record, of: target.alias.name)
    else { return nil }
    return stored
  }

  private func fresh(_ store: borrowing SessionStore, _ keyType: KeyType) -> StoredSession? {
    guard let stored = store.current(target.alias.name, keyType: keyType),
      stored.record.isFresh(at: WallClock.seconds),
      store.state.isInPlace(stored.record, of: target.alias.name),
      !isForSSH(keyType) || store.state.hasConfiguration, isOurs(stored, store)
    else { return nil }
    return stored
  }

  /// Whether ssh needs the session's block, too: on the route `jump` it does with any kind of key.
  private func isForSSH(_ keyType: KeyType) -> Bool {
    keyType == .ed25519 || target.route != .direct
  }

  /// Whether a stored session belongs to the target. If the configuration has been edited since, what
  /// the alias means is compared.
  private func isOurs(_ stored: StoredSession, _ store: borrowing SessionStore) -> Bool {
    let alias = target.alias.name
    guard store.state.isOlder(stored.record, of: alias, than: configurationFile) else {
      return true
    }
    guard stored.belongs(to: target), stored.goesThrough(target.through),
      (try? rule.check(stored.session)) != nil
    else {
      return false
    }
    store.state.confirm(stored.record, of: alias)
    return true
  }

  /// The endpoint's addresses; none for a session behind a jump host, which ssh looks up by itself.
  private func addresses(of session: Session) throws(Failure) -> [SocketAddress] {
    guard session.jump == nil else {
      try rule.checkJump(of: session, until: deadline, caller: caller)
      return []
    }
    if let through = target.through {
      guard let proxy = through.proxy else { return [] }
      return try NameLookup.addresses(
        of: proxy.host, port: proxy.port, until: deadline, caller: caller)
    }
    let found: [SocketAddress]
    do throws(Failure) {
      found = try NameLookup.addresses(
        of: session.endpoint.host, port: session.endpoint.port, until: deadline, caller: caller)
    } catch {
      var failure = error
      if error.kind == .temporary { failure.hint = Passage.hint ?? error.hint }
      throw failure
    }
    try rule.check(found, of: session.endpoint.host)
    return found
  }
}
