import Configuration
import OpenSSH
import Providers
import SessionRecord
import Sessions
import SystemIO

/// Ends an alias's sessions at the provider and removes their files.
struct Closing {
  /// How long closing the sessions of one alias may take, in milliseconds.
  static let timeout = 20_000

  /// How long a master may take to answer, in milliseconds.
  private static let masterTimeout = 2000

  private let context: Context
  private let configuration: Configuration
  private let providers: ProviderFactory
  /// By the vendor's name, why it could not be told in time: it is not waited for again.
  private var silent: [String: Failure] = [:]
  private var hasWiped = false

  init(_ context: Context) throws(Failure) {
    self.context = context
    configuration = try context.configuration()
    providers = context.providers(configuration)
  }

  /// Has the masters of shared connections take no more logins: those without one end, the others when
  /// the last that they have ends.
  func stopSharing(of sessions: [StoredSession], in store: SessionStore) {
    guard let ssh = try? InstalledPrograms.ssh() else { return }
    for stored in sessions {
      for login in SharedConnection.logins(of: stored.record.name, in: store.state) {
        let place = SharedConnection.setting(of: stored, login: login)
        guard let words = try? place?.arguments() else { continue }
        context.trace("ending the shared connection of \(stored.record.name)")
        _ = try? ToolRun(
          ssh, ["-F", "none", "-O", "stop", "-l", login] + words + [stored.target.alias],
          until: Moment.now + Self.masterTimeout, caller: context.caller)
      }
    }
  }

  /// Confines this process while it talks to the providers of these aliases, unless a program of the
  /// user's own is one of them: it has to be run.
  /// - Parameter sessions: those of the aliases.
  func confine(for aliases: [Alias], _ sessions: [StoredSession], in store: SessionStore) {
    let kinds = Set(
      sessions.map(\.target.provider)
        + aliases.compactMap { store.pending($0.name)?.target.provider })
    guard !kinds.contains(ProviderKind.command.rawValue) else { return }
    providers.getKeys(of: kinds.compactMap { configuration.provider(named: $0) })
    providers.confineTalks(writing: [context.files.stateDirectory])
  }

  /// - Returns: how many sessions there were.
  /// - Throws: the provider's failure, after the files have been removed all the same; `.notFound` for an
  ///   unknown alias.
  mutating func close(_ alias: Alias, in store: SessionStore) throws(Failure) -> Int {
    guard store.hasFolder(of: alias.name) else {
      _ = try configuration.target(for: alias)
      return 0
    }
    let deadline =
      Moment.now + min(Self.timeout, Int.milliseconds(seconds: configuration.connection.deadline))
    let lock = try AliasLock(alias.name, in: store, until: deadline, caller: context.caller)
    let sessions = store.sessions(of: alias.name)
    var failure: Failure?
    for stored in sessions where stored.record.isAlive(at: WallClock.seconds) {
      do throws(Failure) {
        context.trace("closing \(stored.record.name) at \(stored.target.provider)")
        try tell(stored.target, until: deadline) { [self] () throws(Failure) in
          try revoke(stored, alias, until: deadline)
        }
      } catch {
        if error.kind == .cancelled { throw error }
        failure = failure ?? Self.wiped(error, stored)
      }
    }
    let pending = store.pending(alias.name)
    if let pending {
      do throws(Failure) {
        try tell(pending.target, until: deadline) { [self] () throws(Failure) in
          try abandon(pending, alias, until: deadline)
        }
      } catch {
        if error.kind == .cancelled { throw error }
        failure = failure ?? error
      }
    }
    hasWiped = true
    try lock.wipe()
    if let failure { throw failure }
    return sessions.count + (pending == nil ? 0 : 1)
  }

  /// Takes what has been closed out of ssh's configuration, once for all.
  /// - Throws: `.temporary` where another process keeps it locked, `.inputOutput`, `.cancelled`.
  func finish(in store: SessionStore) throws(Failure) {
    guard hasWiped else { return }
    try store.rewriteConfiguration(until: Moment.now + Self.timeout, caller: context.caller)
  }

  /// - Throws: the provider's failure. A vendor that has taken most of the time to fail is not asked again: its
  ///   failure is that of all its sessions that follow. Programs of the user's own are asked each, because
  ///   each is another provider.
  private mutating func tell(
    _ target: StoredTarget, until deadline: Moment, _ body: () throws(Failure) -> Void
  ) throws(Failure) {
    if let failure = silent[target.provider] { throw failure }
    let left = deadline.remaining
    do throws(Failure) {
      try body()
    } catch {
      let isVendor = configuration.provider(named: target.provider)?.isVendor == true
      if isVendor, [.temporary, .unreachable].contains(error.kind), deadline.remaining < left / 2 {
        silent[target.provider] = error
      }
      throw error
    }
  }

  private func revoke(
    _ stored: StoredSession, _ alias: Alias, until deadline: Moment
  ) throws(Failure) {
    // Without an id there is no session at the provider.
    guard stored.session.id != nil, let target = try target(of: stored.target, alias) else {
      return
    }
    try providers.provider(for: target).close(stored.session, until: deadline)
  }

  /// Ends a session that an interrupted call has left, and that was never ready.
  private func abandon(
    _ pending: PendingSession.Header, _ alias: Alias, until deadline: Moment
  ) throws(Failure) {
    guard let target = try target(of: pending.target, alias) else { return }
    let provider = try providers.provider(for: target) as? any ResumableProvider
    try provider?.abandon(pending.id, until: deadline)
  }

  /// The target as it was when the session was made; by now the alias may mean another one.
  private func target(of stored: StoredTarget, _ alias: Alias) throws(Failure) -> Target? {
    guard let kind = configuration.provider(named: stored.provider), kind != .static else {
      return nil
    }
    if kind.isVendor {
      return Target(
        alias: alias, id: stored.id, settings: .vendor(try configuration.settings(of: kind)))
    }
    guard let target = try? configuration.target(for: alias), target.provider == kind,
      target.id == stored.id
    else {
      throw Failure(
        .configuration, step: "close the session", "[hosts] does not name its command any more")
    }
    return target
  }

  private static func wiped(_ failure: Failure, _ stored: StoredSession) -> Failure {
    var failure = failure
    let end = TimeText.utc(stored.record.expires)
    failure.message += "; its files are wiped, and without them it ends by itself at \(end)"
    return failure
  }
}
