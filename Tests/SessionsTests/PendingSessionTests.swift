import OpenSSH
import SessionRecord
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import Sessions

/// A wake that is interrupted is taken up by the next call.
@Suite struct PendingSessionTests {
  private let fixture: SessionFixture
  private let provider = WakingDouble()

  init() throws {
    fixture = try SessionFixture()
  }

  /// Names each new session, and then fails or not.
  private final class WakingDouble: ResumableProvider {
    var ending: Failure?
    var keys: [PublicKey] = []
    var resumed: [String?] = []
    var plain = 0

    func open(
      for key: PublicKey, resuming pending: String?, named: (String) -> Void,
      until deadline: Moment
    ) throws(Failure) -> Session {
      keys.append(key)
      resumed.append(pending)
      if pending == nil { named("w-\(keys.count)") }
      if let ending { throw ending }
      return SessionFixture.session(pending ?? "w-\(keys.count)", until: WallClock.seconds + 1000)
    }

    func open(for key: PublicKey, until deadline: Moment) throws(Failure) -> Session {
      plain += 1
      return SessionFixture.session("plain", until: WallClock.seconds + 1000)
    }

    func isAlive(_ session: Session, until deadline: Moment) throws(Failure) -> Bool { true }
    func close(_ session: Session, until deadline: Moment) throws(Failure) {}
    func abandon(_ id: String, until deadline: Moment) throws(Failure) {}
  }

  private func prepare(_ alias: String = "sb1.prime", _ pointer: SessionPointer = .ssh) throws
    -> StoredSession
  {
    try fixture.manager(alias, provider: provider).prepare(fixture.store, for: pointer)
  }

  private func interrupt(_ kind: Failure.Kind = .cancelled, _ alias: String = "sb1.prime") {
    provider.ending = Failure(kind, "interrupted")
    #expect(failure { try prepare(alias) }?.kind == kind)
    provider.ending = nil
    SessionFixture.goOn()
  }

  @Test(arguments: [Failure.Kind.cancelled, .temporary, .unreachable])
  func anInterruptedWakeIsTakenUp(kind: Failure.Kind) throws {
    interrupt(kind)
    interrupt(kind)
    #expect(try fixture.home.mode(of: "state/sessions/sb1.prime/pending") == 0o600)
    let stored = try prepare()
    #expect(provider.resumed == [nil, "w-1", "w-1"])
    #expect(Set(provider.keys).count == 1)
    #expect(stored.session.id == "w-1")
    #expect(try fixture.store.key(of: stored).publicKey == provider.keys.first)
    #expect(fixture.store.pending("sb1.prime") == nil)
  }

  @Test(arguments: [Failure.Kind.rejected, .denied, .invalidResponse])
  func whatFailedForGoodIsBegunAnew(kind: Failure.Kind) throws {
    interrupt()
    interrupt(kind)
    #expect(fixture.store.pending("sb1.prime") == nil)
    _ = try prepare()
    #expect(provider.resumed == [nil, "w-1", nil])
  }

  @Test func noOtherMachinesWakeIsTakenUp() throws {
    interrupt()
    _ = try prepare("sb2.prime")
    #expect(provider.resumed == [nil, nil])
    // Nor one for a key of another kind.
    _ = try prepare("sb1.prime", .libSSH2)
    #expect(provider.resumed == [nil, nil, nil])
  }

  /// The alias means another machine by now, or the same one.
  @Test(arguments: ["sb1", "sb2"]) func anEditedAliasBeginsAnew(id: String) throws {
    func configuration(_ id: String) -> String {
      "[prime]\nallow_local = true\n[hosts.gpu]\nprovider = \"prime\"\nid = \"\(id)\"\n"
    }
    for (id, ending) in [("sb1", Failure(.cancelled, "interrupted")), (id, nil)] {
      let fixture = try SessionFixture(configuration(id), after: fixture)
      provider.ending = ending
      _ = try? fixture.manager("gpu", provider: provider)
        .prepare(fixture.store, for: .ssh)
    }
    #expect(provider.resumed == [nil, id == "sb1" ? "w-1" : nil])
  }

  /// It is kept for a while, through sweeps; then it is swept with its folder.
  @Test func itsTimeIsBounded() throws {
    interrupt()
    fixture.clock.seconds += 899
    _ = try prepare("sb2.prime")
    #expect(fixture.store.pending("sb1.prime")?.id == "w-1")
    fixture.clock.seconds += 1
    _ = try prepare()
    #expect(provider.resumed == [nil, nil, nil])
  }

  @Test(arguments: ["", "{}\n", "{\"id\": \"x\"}\nno key"])
  func anotherFormIsNone(text: String) throws {
    interrupt()
    try fixture.home.write(text, to: "state/sessions/sb1.prime/pending")
    _ = try prepare()
    #expect(provider.resumed == [nil, nil])
  }

  /// Nobody would take up what a command for itself alone has left.
  @Test func anEphemeralSessionLeavesNothing() throws {
    _ = try fixture.manager(provider: provider).open(for: .ssh)
    #expect(provider.plain == 1 && provider.resumed.isEmpty)
  }

  @Test func closingWipesIt() throws {
    interrupt()
    let lock = try fixture.lock()
    try lock.wipe()
    #expect(fixture.names() == [])
  }
}
