import OpenSSH
import SessionRecord
import Sessions
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import Sessions

/// When a session is made, kept, renewed and given up.
@Suite struct SessionManagerTests {
  private let fixture: SessionFixture

  init() throws {
    fixture = try SessionFixture()
  }

  @Test func aGoodSessionNeedsNoProvider() throws {
    let first = try fixture.prepare()
    #expect(fixture.made == 1)
    let second = try fixture.prepare()
    #expect(second.record == first.record && second.session == first.session)
    #expect(fixture.made == 1)
    #expect(second.session.providerState == ["token": "t"])
  }

  /// The new session is put in the place of the old one, which stays for an ssh that has read it.
  @Test func theNextSessionIsMadeBeforeTheEnd() throws {
    let first = try fixture.prepare()
    fixture.clock.seconds = first.record.renewAfter
    let second = try fixture.prepare()
    #expect(second.record.name != first.record.name)
    #expect(fixture.current() == second.record.name)
    #expect(fixture.names().contains(first.record.name))
    #expect(fixture.provider.keys.count == 2 && Set(fixture.provider.keys).count == 2)
    fixture.clock.seconds = second.record.renewAfter
    _ = try fixture.prepare()
    #expect(!fixture.names().contains(first.record.name))
  }

  @Test func aProviderThatIsAwayEndsNoSession() throws {
    let first = try fixture.prepare()
    fixture.provider.next = { () throws(Failure) in throw Failure(.unreachable, "away") }
    fixture.clock.seconds = first.record.renewAfter
    #expect(try fixture.prepare().record.name == first.record.name)
    #expect(fixture.lastFailure == nil)
    fixture.clock.seconds = first.record.expires
    #expect(failure { try fixture.prepare() }?.kind == .unreachable)
    // For the `connect` that ssh runs all the same.
    let last = try #require(fixture.lastFailure)
    #expect(last.status == ExitStatus.unreachable.rawValue)
    #expect(last.failure?.message == "away")
  }

  /// Its record is younger than the edit, and yet the alias may mean another machine by now.
  @Test func aConfigurationThatWasEditedMeanwhileIsCompared() throws {
    let file = fixture.configuration.files.configurationFile
    let end = fixture.clock.seconds + 1000
    let home = fixture.home
    fixture.provider.next = { () throws(Failure) in
      _ = try? home.write("# edited\n", to: ".config/sshproxy/config.toml")
      return SessionFixture.session("s", until: end)
    }
    func isOlder(_ record: SessionRecord) -> Bool {
      fixture.store.state.isOlder(record, of: "sb1.prime", than: file)
    }
    let stored = try fixture.prepare()
    #expect(isOlder(stored.record))
    // Who has read the configuration before the edit does not say that the session matches it.
    #expect(try fixture.prepare().record == stored.record)
    #expect(isOlder(stored.record))
  }

  @Test func aLifeIsNoLongerThanConfigured() throws {
    let short = try SessionFixture("[connection]\nmax_life = 60\n[prime]\nallow_local = true\n")
    let stored = try short.prepare()
    #expect(stored.record.expires == short.clock.seconds + 60)
    #expect(stored.record.renewAfter == short.clock.seconds + 45)
    #expect(stored.record.renewFrom == short.clock.seconds + 30)
  }

  /// Providers limit how many may be open.
  @Test func whatCannotBeUsedIsClosed() throws {
    let now = fixture.clock.seconds
    fixture.provider.next = { () throws(Failure) in SessionFixture.session("old", until: now) }
    #expect(failure { try fixture.prepare() }?.kind == .invalidResponse)
    #expect(fixture.provider.closed == ["old"])
    SessionFixture.goOn()
    fixture.provider.next = { () throws(Failure) in
      SessionFixture.session("mine", at: "sb2.prime", until: now + 9)
    }
    #expect(failure { try fixture.prepare() }?.kind == .invalidResponse)
    #expect(fixture.provider.closed == ["old", "mine"])
    #expect(fixture.names() == [])
  }

  /// A proxy may be on this computer, and so may the command be that is run in its stead.
  @Test(arguments: ["socks5://127.0.0.1:1080", "http://127.0.0.1:3128", "nc %h %p"])
  func aNameOfThisComputerIsNotGivenToAProxy(_ through: String) throws {
    let other = try SessionFixture("[connection]\nthrough = \"\(through)\"\n")
    let now = other.clock.seconds
    // No address by its text, and one to getaddrinfo(3).
    other.provider.next = { () throws(Failure) in
      SessionFixture.session("mine", at: "127.1", until: now + 900)
    }
    let found = failure { try other.prepare() }
    #expect(found?.kind == .invalidResponse, "\(String(describing: found))")
    #expect(found?.message.contains("on this computer") == true)
  }

  @Test func aSessionThatIsNotStoredLeavesNothing() throws {
    let before = try fixture.home.snapshot(withFolders: true)
    let new = try fixture.manager().open(for: .libSSH2)
    #expect(new.key.type == .ecdsaP256 && new.addresses.map(\.host) == ["127.0.0.1"])
    #expect(try fixture.home.snapshot(withFolders: true) == before)
  }

  // MARK: Behind ssh's back

  /// Whoever wants the alias's lock meanwhile does not wait for the whole deadline.
  @Test(arguments: [true, false]) func nobodyWaitsLongForUpkeep(isRenewal: Bool) throws {
    let stored = try fixture.prepare()
    if isRenewal { fixture.clock.seconds = stored.record.renewFrom }
    try fixture.upkeep(of: stored.record.name)
    #expect(fixture.provider.keys.count == (isRenewal ? 2 : 1))
    #expect(fixture.provider.questions == (isRenewal ? 0 : 1))
    #expect(fixture.provider.limit <= Moment.now + 15_000)
    #expect((fixture.current() == stored.record.name) == !isRenewal)
  }

  @Test func upkeepDropsWhatIsGone() throws {
    let stored = try fixture.prepare()
    fixture.provider.alive = .success(false)
    try fixture.upkeep(of: stored.record.name)
    #expect(fixture.current() == nil && fixture.names() == [])
    try fixture.upkeep(of: stored.record.name)
    #expect(fixture.provider.questions == 1)
  }

  /// Where the user's known hosts count, ssh may have read the name of the first a moment ago.
  @Test(arguments: [true, false]) func upkeepDropsWhatLeadsElsewhere(isUsersOwn: Bool) throws {
    func session(_ id: String, _ host: String) -> Session {
      var session = SessionFixture.session(id, at: host, until: fixture.clock.seconds + 1000)
      guard isUsersOwn else { return session }
      (session.login, session.hostTrust) = (.users(login: "u", identityFile: nil), .users)
      return session
    }
    fixture.provider.next = { () throws(Failure) in session("first", "127.0.0.1") }
    let stored = try fixture.prepare()
    fixture.clock.seconds = stored.record.renewFrom
    fixture.provider.next = { () throws(Failure) in session("second", "127.0.0.2") }
    try fixture.upkeep(of: stored.record.name)
    #expect((fixture.current() == nil) == isUsersOwn)
    #expect(fixture.provider.closed == (isUsersOwn ? ["second"] : []))
    let former = fixture.droppedIdentity
    #expect(former == (isUsersOwn ? "direct 127.0.0.1 port 22" : nil))
    // What comes next forgets it.
    #expect(try fixture.prepare().session.endpoint.host == "127.0.0.2")
    #expect(fixture.droppedIdentity == nil)
  }

  /// The lock of the generated files is waited for no longer than the caller has time, whatever the deadline.
  @Test(.timed, arguments: [true, false])
  func aLockedConfigurationIsNotWaitedForPastTheEnd(isGone: Bool) throws {
    let stored = try fixture.prepare()
    if isGone { fixture.provider.alive = .success(false) }
    try fixture.edit(SessionRecord.fileName) {
      $0.replacing("address 127.0.0.1 ", with: "address 127.0.0.9 ")
    }
    let configuration = try GeneratedConfiguration(
      of: fixture.store, until: Moment.now + 10_000, caller: .nobody)
    let start = Moment.now
    let found = failure {
      try fixture.manager().ask(
        about: stored.record.name, fixture.store, until: start + 1500)
    }
    try expectTime(Double(Moment.now - start) / 1000, within: 8)
    #expect(found?.kind == .temporary, "\(String(describing: found))")
    try configuration.write()
  }

  @Test func upkeepLeavesALockedAliasAlone() throws {
    let stored = try fixture.prepare()
    let lock = try fixture.lock()
    let found = failure { try fixture.manager().upkeep(of: stored.record.name, fixture.store) }
    #expect(found?.kind == .temporary && fixture.provider.questions == 0)
    lock.end()
  }

  /// ssh's pointer leads to the renewed session, of whatever kind its key is configured to be.
  @Test(arguments: ["ed25519", "ecdsa-p256"]) func aRenewedSessionIsSSHs(key: String) throws {
    let other = try SessionFixture(
      "[connection]\nkey = \"\(key)\"\n[prime]\nallow_local = true\n")
    let stored = try other.prepare()
    #expect(stored.keyType.rawValue == key)
    other.clock.seconds = stored.record.renewFrom
    try other.upkeep(of: stored.record.name)
    let renewed = try #require(other.current())
    #expect(renewed != stored.record.name)
    #expect(
      other.store.current("sb1.prime", by: stored.keyType == .ed25519 ? .ssh : .libSSH2)?.record
        .name == renewed)
    #expect(other.store.current("sb1.prime", by: .ssh)?.keyType.rawValue == key)
  }

  /// A key that libssh2 can use, too: when it has a newer session, ssh's is still ssh's.
  @Test func sshsSessionIsCurrentBesideANewerOneOfLibSSH2() throws {
    let other = try SessionFixture(
      "[connection]\nkey = \"ecdsa-p256\"\n[prime]\nallow_local = true\n")
    let stored = try other.prepare()
    func pointers(_ name: String) -> [SessionPointer] {
      other.store.pointers(to: name, of: "sb1.prime")
    }
    #expect(pointers(stored.record.name) == [.ssh, .libSSH2])
    other.clock.seconds = stored.record.renewAfter
    let newer = try other.manager().prepare(other.store, for: .libSSH2)
    #expect(pointers(newer.record.name) == [.libSSH2])
    #expect(pointers(stored.record.name) == [.ssh])
  }
  /// Where libssh2 can have no session of its own, ssh's stays for ssh.
  @Test func aFailureForLibSSH2LeavesSSHsSession() throws {
    let stored = try fixture.prepare()
    fixture.provider.next = { () throws(Failure) in throw Failure(.unreachable, "away") }
    let found = failure { try fixture.manager().prepare(fixture.store, for: .libSSH2) }
    #expect(found?.kind == .unreachable)
    #expect(fixture.current() == stored.record.name)
    #expect(fixture.home.read("state/ssh_config")?.contains(stored.record.name) == true)
  }
}
