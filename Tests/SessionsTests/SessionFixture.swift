import Foundation
import OpenSSH
import SessionRecord
import SystemIO
import TestConfiguration
import TestSupport

@testable import Configuration
@testable import Sessions

/// A provider that says what a test wants it to, and remembers what it was asked. As in life, a session
/// that it has opened is alive until the test ends it.
final class ProviderDouble: SessionProvider {
  var next: () throws(Failure) -> Session
  var alive: Result<Bool, Failure> = .success(true)
  private(set) var keys: [PublicKey] = []
  private(set) var closed: [String] = []
  /// By when the last call had to be over.
  private(set) var limit = Moment.now
  private(set) var questions = 0

  init(_ next: @escaping () throws(Failure) -> Session) {
    self.next = next
  }

  func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
    keys.append(key)
    limit = deadline
    return try next()
  }

  func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool {
    questions += 1
    limit = deadline
    return try alive.get()
  }

  func close(_ session: Session, until deadline: Moment) throws(Failure) {
    closed.append(session.id ?? "")
  }
}

/// A computer with a clock that the test sets.
final class SessionFixture {
  let home: TemporaryDirectory
  let configuration: Configuration
  let store: SessionStore
  private(set) var provider: ProviderDouble
  let clock: Clock
  /// How often the provider was made.
  var made = 0

  final class Clock {
    var seconds = WallClock.seconds
  }

  /// - Parameter other: whose home it is, where the configuration is edited.
  init(
    _ toml: String = "[prime]\nallow_local = true\n", after other: SessionFixture? = nil
  ) throws {
    let home = try other?.home ?? TemporaryDirectory()
    let clock = Clock()
    self.home = home
    self.clock = clock
    configuration = try home.configuration(toml)
    store = try SessionStore(path: home.path(of: "state")) { clock.seconds }
    var count = 0
    provider = ProviderDouble { () throws(Failure) in
      count += 1
      return SessionFixture.session("s-\(count)", until: clock.seconds + 1000)
    }
  }

  /// A call that begins within the millisecond in which another failed counts as one that has waited for it.
  static func goOn() {
    let end = WallClock.milliseconds
    while WallClock.milliseconds == end {}
  }

  static func session(
    _ id: String, at host: String = "127.0.0.1", until end: Int64
  ) -> Session {
    Session(
      id: id, endpoint: HostAndPort(host: host, port: 22),
      login: .sessionKey(login: id, certificate: nil), hostTrust: .trustOnFirstUse, expires: end,
      providerState: ["token": "t"])
  }

  func target(_ alias: String = "sb1.prime") throws -> Target {
    try configuration.target(for: Alias(alias))
  }

  func manager(
    _ alias: String = "sb1.prime", provider other: (any SessionProvider)? = nil
  ) throws -> SessionManager {
    let target = try target(alias)
    return SessionManager(
      target: target,
      provider: { [self] () throws(Failure) in
        made += 1
        return other ?? provider
      },
      configurationFile: configuration.files.configurationFile,
      configurationWritten: configuration.lastWrite,
      rule: try configuration.endpointRule(for: target), limits: configuration.connection,
      worksUnattended: true, caller: .nobody, now: { [clock] in clock.seconds })
  }

  func prepare(_ alias: String = "sb1.prime") throws -> StoredSession {
    try manager(alias).prepare(store, for: .ssh)
  }

  func lock(_ alias: String = "sb1.prime") throws -> AliasLock {
    try AliasLock(alias, in: store, until: Moment.now + 10_000, caller: .nobody)
  }

  /// Looks after a session behind ssh's back, which wants the alias's lock to be free. A test beside this one
  /// that starts a program has copies of our descriptors, and so the lock, until the program runs.
  func upkeep(of name: String) throws {
    var refusal: (any Error)?
    _ = eventually {
      do {
        refusal = nil
        try manager().upkeep(of: name, store)
      } catch {
        refusal = error
      }
      return (refusal as? Failure)?.kind != .temporary
    }
    if let refusal { throw refusal }
  }

  /// The names of an alias's sessions, the current ones twice.
  func names(_ alias: String = "sb1.prime") -> [String] {
    ((try? store.folder(alias)?.names()) ?? []).filter { $0 != StateDirectory.lockName }
  }

  /// Where ssh's pointer leads to.
  func current(_ alias: String = "sb1.prime") -> String? { store.state.record(of: alias)?.name }

  /// The failure that is remembered for the alias.
  var lastFailure: LastFailure? { store.state.lastFailure(of: "sb1.prime") }
  /// Where the session led that was dropped last.
  var droppedIdentity: String? {
    if case .dropped(let identity)? = store.state.lockNote(of: "sb1.prime") {
      identity
    } else {
      nil
    }
  }

  /// Changes a stored file of the alias's current session.
  func edit(_ file: String, _ alias: String = "sb1.prime", _ change: (String) -> String) throws {
    let name = "state/sessions/\(alias)/\(current(alias) ?? "")/\(file)"
    let text = home.read(name) ?? ""
    try home.write(change(text), to: name)
  }
}
