import OpenSSH
import SystemIO
import TestSupport
import Testing

@testable import Configuration
@testable import Endpoint
@testable import Sessions

/// Which keys a session's host is believed by, and which files remember them. No server is needed.
@Suite struct HostVerificationTests {
  private let fixture: EndpointFixture

  init() throws { fixture = try EndpointFixture() }

  private func line(
    _ key: PublicKey, port: Int = 22, marker: String = "", hashed: Bool = false
  ) throws -> String {
    marker + (try KnownHosts.line(host: "127.0.0.1", port: port, key: key, hashed: hashed)) + "\n"
  }

  @Test func namedKeysAreBelievedAndNoOther() throws {
    let (first, second, other) = (try newKey(), try newKey(), try newKey())
    let proof = try fixture.proof(fixture.session(.hostKeys([first, second])))
    #expect(proof.verdict(on: first) == nil)
    #expect(proof.verdict(on: second) == nil)
    #expect(proof.verdict(on: other)?.kind == .invalidResponse)
  }

  /// The user's `@revoked` lines count whoever names the key.
  @Test(arguments: [true, false])
  func revokedKeysAreNeverBelieved(isNamed: Bool) throws {
    let key = try newKey()
    try fixture.home.write(try line(key, marker: "@revoked "), to: ".ssh/known_hosts")
    let session = fixture.session(isNamed ? .hostKeys([key]) : .trustOnFirstUse)
    let found = try fixture.proof(session).verdict(on: key)
    #expect(found?.message == "its key \(key.fingerprint) is marked as revoked")
    #expect(!fixture.home.exists("state/sessions/lab/s/known_hosts"))
  }

  @Test func firstKeyIsPinnedAndKept() throws {
    let (key, other) = (try newKey(), try newKey())
    let session = fixture.session(port: 2222)
    #expect(try fixture.proof(session).verdict(on: key) == nil)
    #expect(
      fixture.home.read("state/sessions/lab/s/known_hosts") == (try line(key, port: 2222)))
    #expect(try fixture.proof(session).verdict(on: key) == nil)
    let found = try fixture.proof(session).verdict(on: other)
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message.contains("is not the one that is known") == true)
  }

  /// Between the look into the file and the server's key, ssh has pinned another one.
  @Test func keyPinnedMeanwhileCounts() throws {
    let (theirs, ours) = (try newKey(), try newKey())
    let session = fixture.session()
    let proof = try fixture.proof(session)
    let pinned = try line(theirs)
    try fixture.home.write(pinned, to: "state/sessions/lab/s/known_hosts")
    #expect(proof.verdict(on: ours)?.kind == .invalidResponse)
    #expect(fixture.home.read("state/sessions/lab/s/known_hosts") == pinned)
    #expect(proof.verdict(on: theirs) == nil)
  }

  /// Pinning takes the alias's lock, and waits for it until the deadline only.
  @Test func pinningWaitsForTheAliasLock() throws {
    let session = fixture.session()
    let proof = try fixture.proof(session, until: .now + 100)
    let lock = try AliasLock("lab", in: fixture.store, until: .now, caller: .nobody)
    let found = proof.verdict(on: try newKey())
    #expect(found?.kind == .temporary)
    #expect(!fixture.home.exists("state/sessions/lab/s/known_hosts"))
    lock.end()
  }

  @Test func unstoredSessionKeepsNothing() throws {
    let proof = try fixture.proof(fixture.session(), isStored: false)
    #expect(proof.verdict(on: try newKey()) == nil)
    #expect(fixture.home.names(in: "state/sessions") == [])
  }

  @Test func unknownHostOfTheUsersIsRefused() throws {
    let found = try fixture.proof(fixture.session(.users)).verdict(on: try newKey())
    #expect(found?.kind == .invalidResponse)
    #expect(found?.hint?.contains("--accept-new") == true)
    #expect(!fixture.home.exists(".ssh/known_hosts"))
  }

  /// The name is hidden where the user's other names are.
  @Test(arguments: [true, false])
  func acceptedKeyIsRecordedOnce(hashed: Bool) throws {
    let (key, other) = (try newKey(), try newKey())
    // Without a line end: what is appended must not become part of it.
    let before = String(try line(other, port: 2200, hashed: hashed).dropLast())
    try fixture.home.write(before, to: ".ssh/known_hosts")
    let session = fixture.session(.users)
    #expect(try fixture.proof(session, acceptsNew: true).verdict(on: key) == nil)
    let text = try #require(fixture.home.read(".ssh/known_hosts"))
    let lines = text.split(separator: "\n")
    #expect(lines.count == 2 && lines.first.map(String.init) == before)
    #expect(lines.last?.hasPrefix("|1|") == hashed)
    #expect(KnownHosts([text]).lookup(host: "127.0.0.1", port: 22).keys == [key])
    // Known now, and so no other is accepted.
    #expect(try fixture.proof(session).verdict(on: key) == nil)
    let found = try fixture.proof(session, acceptsNew: true).verdict(on: other)
    #expect(found?.kind == .invalidResponse)
    #expect(fixture.home.read(".ssh/known_hosts") == text)
  }

  /// Of several that accept a key, one writes.
  @Test func recordedMeanwhileIsNotWrittenTwice() throws {
    let key = try newKey()
    let proof = try fixture.proof(fixture.session(.users), acceptsNew: true)
    #expect(try fixture.proof(fixture.session(.users), acceptsNew: true).verdict(on: key) == nil)
    let text = fixture.home.read(".ssh/known_hosts")
    #expect(proof.verdict(on: key) == nil)
    #expect(proof.verdict(on: try newKey())?.kind == .invalidResponse)
    #expect(fixture.home.read(".ssh/known_hosts") == text)
  }

  /// What cannot be read may hold a revoked key: it is no empty file.
  @Test func unreadableKnownHostsIsAnError() throws {
    try fixture.home.write("", to: ".ssh/known_hosts/file")
    let (found, _) = failure { _ = try fixture.proof(fixture.session(.users)) }
    #expect(found?.kind == .inputOutput)
  }
}
