import OpenSSH
import SessionRecord
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import Sessions

/// What has become of a session that is silent, or refuses its key.
@Suite struct VerdictTests {
  private let fixture: SessionFixture

  init() throws {
    fixture = try SessionFixture()
  }

  private func ask(_ name: String) throws -> SessionManager.Verdict {
    try fixture.manager().ask(about: name, fixture.store, until: Moment.now + 5000)
  }

  @Test func aliveIsAlive() throws {
    let stored = try fixture.prepare()
    guard case .alive(let now) = try ask(stored.record.name) else {
      throw Failure(.internalError, "not alive")
    }
    #expect(now.record == stored.record)
    #expect(fixture.provider.limit <= Moment.now + 5000)
  }

  /// The session is stored anew with its key, its login and the host keys that were seen.
  @Test(arguments: SessionPointer.allCases)
  func movedAddressesAreStored(pointer: SessionPointer) throws {
    let stored = try fixture.manager().prepare(fixture.store, for: pointer)
    let folder = "state/sessions/sb1.prime/\(pointer.fileName)"
    try fixture.home.write("127.0.0.1 seen\n", to: "\(folder)/known_hosts")
    let text = try #require(fixture.home.read("\(folder)/record"))
    try fixture.home.write(
      text.replacing("address 127.0.0.1", with: "address 127.9.9.9"), to: "\(folder)/record")
    guard case .alive(let now) = try ask(stored.record.name) else {
      throw Failure(.internalError, "not alive")
    }
    #expect(now.record.addresses.map(\.host) == ["127.0.0.1"])
    #expect(now.record.name != stored.record.name && now.session == stored.session)
    #expect(fixture.store.knownHosts(of: now) == "127.0.0.1 seen\n")
    let key = try fixture.store.key(of: now)
    #expect(key.publicKey == fixture.provider.keys.first)
    // No pointer but the one that led to it is moved.
    #expect(fixture.store.session(named: now.record.name, of: "sb1.prime")?.pointer == pointer)
    #expect((fixture.current() == nil) == (pointer == .libSSH2))
  }

  @Test func goneIsDropped() throws {
    let stored = try fixture.prepare()
    fixture.provider.alive = .success(false)
    guard case .gone = try ask(stored.record.name) else {
      throw Failure(.internalError, "not gone")
    }
    #expect(fixture.names() == [])
    let block = fixture.home.read("state/ssh_config") ?? ""
    #expect(!block.contains("sb1.prime"))
  }

  @Test func whatIsNotLearntChangesNothing() throws {
    let stored = try fixture.prepare()
    fixture.provider.alive = .failure(Failure(.unreachable, "away"))
    #expect(failure { try ask(stored.record.name) }?.kind == .unreachable)
    #expect(fixture.current() == stored.record.name)
  }

  /// The lock comes first: a provider is not asked about a session that another process is replacing.
  @Test func theLockComesFirst() throws {
    let stored = try fixture.prepare()
    let lock = try fixture.lock()
    let found = failure {
      try fixture.manager().ask(about: stored.record.name, fixture.store, until: Moment.now)
    }
    #expect(found?.kind == .temporary && fixture.provider.questions == 0)
    lock.end()
  }

  /// Whoever logs in by a key of their own goes on in the session that took its place; a session's key
  /// does not open the next one.
  @Test(arguments: [true, false]) func anotherInItsPlace(usesOwnKey: Bool) throws {
    let end = fixture.clock.seconds + 1000
    fixture.provider.next = { () throws(Failure) in
      var session = SessionFixture.session("s", until: end)
      if usesOwnKey { session.login = .users(login: "me", identityFile: nil) }
      return session
    }
    let first = try fixture.prepare()
    fixture.clock.seconds = first.record.renewAfter
    let second = try fixture.manager().prepare(fixture.store, for: .ssh)
    #expect(first.record.name != second.record.name)
    fixture.clock.seconds = first.record.renewAfter - 1
    let verdict = try ask(first.record.name)
    if case .replaced(let now) = verdict {
      #expect(usesOwnKey && now.record.name == second.record.name)
    } else if case .gone = verdict {
      #expect(!usesOwnKey)
    } else {
      Issue.record("\(verdict)")
    }
    #expect(fixture.provider.questions == 0 && fixture.current() == second.record.name)
  }

  /// A record whose session cannot be read would be believed by ssh for the rest of its life.
  @Test func remainsAreRemoved() throws {
    let stored = try fixture.prepare()
    try fixture.edit("session.json") { _ in "{}" }
    guard case .gone = try ask(stored.record.name) else {
      throw Failure(.internalError, "not gone")
    }
    #expect(fixture.names() == [] && fixture.provider.questions == 0)
  }
}
