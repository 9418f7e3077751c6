import Foundation
import SessionRecord
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import Sessions

/// The lock of an alias, and the failure that is kept in it.
@Suite struct AliasLockTests {
  private let fixture: SessionFixture

  init() throws {
    fixture = try SessionFixture()
  }

  @Test func oneHoldsItAtATime() throws {
    let lock = try fixture.lock()
    #expect(failure { _ = try fixture.lock() }?.kind == .temporary)
    let other = try fixture.lock("sb2.prime")
    other.end()
    lock.end()
    try fixture.lock().end()
  }

  /// What has failed meanwhile counts for whoever waited, and for nobody who comes later.
  @Test func aFailureCountsForThoseWhoWaited() throws {
    let lock = try fixture.lock()
    let none = lock.failureMeanwhile()
    #expect(none == nil)
    lock.remember(Failure(.denied, step: "open", "no, \"you\"", hint: "ask\u{7f}"))
    let found = lock.failureMeanwhile()
    #expect(found?.kind == .denied && found?.step == "open" && found?.message == "no, \"you\"")
    lock.end()
    let memory = try #require(fixture.lastFailure)
    #expect(memory.status == ExitStatus.denied.rawValue)
    SessionFixture.goOn()
    let later = try fixture.lock()
    let late = later.failureMeanwhile()
    #expect(late == nil)
    later.remember(nil)
    #expect(fixture.lastFailure == nil)
    later.end()
  }

  /// The folder is made again where a sweep has removed it.
  @Test func aRemovedFolderIsMadeAgain() throws {
    let lock = try fixture.lock()
    try lock.wipe()
    #expect(fixture.store.aliases == [])
    try fixture.lock().end()
    #expect(fixture.store.aliases == ["sb1.prime"])
    lock.end()
  }

  /// What ssh includes is rewritten once, however many are wiped.
  @Test func wipingLeavesNothing() throws {
    let aliases = ["sb1.prime", "sb2.prime", "sb3.prime"]
    for alias in aliases { _ = try fixture.prepare(alias) }
    let before = fixture.home.read("state/ssh_config")
    for alias in aliases.dropLast() {
      let lock = try fixture.lock(alias)
      try lock.wipe()
      lock.end()
    }
    #expect(fixture.store.aliases == ["sb3.prime"])
    #expect(fixture.home.read("state/ssh_config") == before)
    try fixture.store.rewriteConfiguration(until: Moment.now + 1000, caller: .nobody)
    let text = fixture.home.read("state/ssh_config") ?? ""
    #expect(text.contains("sb3.prime"))
    #expect(!text.contains("sb1.prime") && !text.contains("sb2.prime"))
  }

  /// Dropping an old session leaves the alias's newer one alone.
  @Test func droppingSparesTheNewer() throws {
    let first = try fixture.prepare()
    fixture.clock.seconds = first.record.renewAfter
    let second = try fixture.prepare()
    let lock = try fixture.lock()
    try lock.drop(first.record, until: Moment.now + 1000)
    #expect(fixture.current() == second.record.name)
    #expect(!fixture.names().contains(first.record.name))
    lock.end()
  }
}
