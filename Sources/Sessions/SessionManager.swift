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
  private let start = Moment.now
  /// How long closing an unusable session at the provider may take, in milliseconds.
  private static let patience = 1000

  private var deadline: Moment { start + Int.milliseconds(seconds: limits.deadline) }

  /// - Parameters:
  ///   - configurationFile: the file that defines the target; an absolute path.
  ///   - rule: where the provider's answers may lead.
  ///   - limits: the configured ones: the deadline counts from here on.
  public init(
    target: Target, provider: any SessionProvider, configurationFile: String,
    rule: EndpointRule, limits: Configuration.Connection, caller: HangUpMonitor
  ) {
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
      let here = try? storeAgain(stored, stored.record.addresses, lock, store)
    {
      return here
    }
    if let failure = lock.failureMeanwhile(of: alias, in: store.state) { throw failure }
    do throws(Failure) {
      let new = try open(keyType)
      let stored = try closingOnFailure(new.session) { () throws(Failure) in
        try lock.store(new, in: store, until: deadline, caller: caller)
      }
      lock.remember(nil)
      return stored
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
  /// - Throws: what the provider throws, `.invalidResponse` for a session that has expired already or leads
  ///   where none may lead, `.temporary`
  ///   when the endpoint's name cannot be resolved in time.
  public func open(_ keyType: KeyType) throws(Failure) -> NewSession {
    let key = try KeyPair.generate(keyType)
    var session = try provider.open(for: key.publicKey, until: deadline)
    session.expires = min(session.expires, WallClock.seconds + Int64(limits.maxLife))
    let found = try closingOnFailure(session) { () throws(Failure) in
      try rule.check(session)
      guard session.expires > WallClock.seconds else {
        throw Failure(
          .invalidResponse, step: "open a session", "the provider's session has expired already",
          hint: "set this computer's clock, and run it again")
      }
      return try addresses(of: session)
    }
    return NewSession(
      session: session, target: target, key: key, addresses: found,
      opening: Moment.now - start, deadline: limits.deadline)
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
  /// - Returns: whether it still exists. If not, it has been dropped here too.
  public func ask(
    about name: String, _ store: borrowing SessionStore
  ) throws(Failure) -> Bool {
    let alias = target.alias.name
    let lock = try AliasLock(alias, in: store, until: deadline, caller: caller)
    guard let stored = store.current(alias, keyType: .ed25519), stored.record.name == name else {
      return false
    }
    guard try provider.isAlive(stored.session, until: deadline) else {
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
    _ = try storeAgain(stored, found, lock, store)
    return true
  }

  /// Stores a session once more, with its key and the host keys that it has seen, for other addresses or
  /// in the place where the state directory is now.
  private func storeAgain(
    _ stored: StoredSession, _ addresses: [SocketAddress], _ lock: borrowing AliasLock,
    _ store: borrowing SessionStore
  ) throws(Failure) -> StoredSession {
    let key =
      stored.session.usesSessionKey
      ? try store.key(of: stored) : try KeyPair.generate(stored.keyType)
    var again = NewSession(
      session: stored.session, target: target, key: key, addresses: addresses,
      opening: stored.record.opening, deadline: limits.deadline)
    again.knownHosts = store.knownHosts(of: stored)
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
    guard stored.belongs(to: target), (try? rule.check(stored.session)) != nil else {
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
    let found = try NameLookup.addresses(
      of: session.endpoint.host, port: session.endpoint.port, until: deadline, caller: caller)
    try rule.check(found, of: session.endpoint.host)
    return found
  }
}
