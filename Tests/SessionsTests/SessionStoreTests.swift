import Foundation
import OpenSSH
import SessionRecord
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import Sessions

/// What is stored is read back whole, and nothing else is taken for a session.
@Suite struct SessionStoreTests {
  private let fixture: SessionFixture

  init() throws {
    fixture = try SessionFixture()
  }

  private static let key = try? KeyPair.generate(.ed25519).publicKey

  static func variants() throws -> [Session] {
    let end = WallClock.seconds + 1000
    let key = try #require(Self.key)
    var base = SessionFixture.session("s", until: end)
    base.preamble = Array("HELLO s\n".utf8)
    var authority = base
    authority.hostTrust = .authority(key)
    var named = base
    named.hostTrust = .hostKeys([key])
    var users = base
    users.id = nil
    users.login = .users(login: "me", identityFile: "/home/me/.ssh/id")
    users.hostTrust = .users
    users.jump = JumpHost.list("a@b:3,[::1]:4")
    users.options = [Setting(.connectTimeout, "5"), Setting(.identitiesOnly, "yes")]
    var plain = users
    plain.login = .users(login: nil, identityFile: nil)
    plain.jump = nil
    return [base, authority, named, users, plain]
  }

  /// What else ssh would go by: the computer's known hosts, the DNS, what a host says of its own keys, and the
  /// keys of the user's agent.
  @Test func aSessionsOwnHostIsProvedByNothingElse() throws {
    var secret = SessionFixture.session("s", until: WallClock.seconds + 1000)
    secret.login = .secret(SecretLogin("a-secret-of-24-characters"))
    for session in try Self.variants() + [secret] {
      let settings = session.loginSettings(for: "sb1.prime", directory: "/s")
      func value(_ keyword: Setting.Keyword) -> String? {
        settings.first { $0.keyword == keyword }?.value
      }
      guard session.hostTrust != .users else {
        #expect(value(.strictHostKeyChecking) == nil && value(.userKnownHostsFile) == nil)
        continue
      }
      #expect(value(.userKnownHostsFile) == "/s/known_hosts")
      #expect(value(.globalKnownHostsFile) == "/dev/null")
      #expect(
        value(.strictHostKeyChecking)
          == (session.hostTrust == .trustOnFirstUse ? "accept-new" : "yes"))
      #expect(value(.verifyHostKeyDNS) == "no" && value(.updateHostKeys) == "no")
      #expect(value(.identitiesOnly) == "yes" && value(.addKeysToAgent) == "no")
    }
  }

  @Test func everyFormIsReadBack() throws {
    for session in try Self.variants() {
      let contents = StoredSession.Contents(
        session: session, target: StoredTarget(try fixture.target()), keyType: .ecdsaP256)
      let read = try #require(StoredSession.Contents(Array(try contents.encodedText().utf8)))
      #expect(read.session == session && read.keyType == .ecdsaP256)
      #expect(read.target == contents.target)
    }
  }

  /// The parts are parsed again: what the parsers refuse is no session.
  @Test(arguments: [
    ("a@b:3", "a@b:3 -oProxyCommand=x"), ("ssh-ed25519 ", "ssh-dss "), ("ConnectTimeout", "Match"),
    ("ecdsa-p256", "rsa"), (":22\"", ":99999\""), ("\"me\"", "\"-oProxyCommand=x\""),
    ("\"5\"", "\"5 \\nMatch\""), ("}", ""),
  ])
  func aSpoiledPartIsNoSession(part: String, other: String) throws {
    var session = try Self.variants()[3]
    session.hostTrust = .hostKeys([try #require(Self.key)])
    let text = try StoredSession.Contents(
      session: session, target: StoredTarget(try fixture.target()), keyType: .ecdsaP256
    ).encodedText()
    #expect(StoredSession.Contents(Array(text.utf8)) != nil)
    try #require(text.contains(part))
    #expect(StoredSession.Contents(Array(text.replacing(part, with: other).utf8)) == nil)
  }

  /// State of an older version is made anew, without a word.
  @Test func anOlderFormIsNone() throws {
    let stored = try fixture.prepare()
    let older = """
      {"target":{"alias":"sb1.prime","provider":"prime","id":"sb1"},"keyType":"ed25519","id":"s-1",
       "host":"127.0.0.1","port":22,"usesSessionKey":true,"login":"s-1","trust":"trust_on_first_use",
       "preamble":[],"options":[],"expires":\(stored.record.expires),"providerState":{}}
      """
    try fixture.edit("session.json") { _ in older }
    #expect(fixture.store.current("sb1.prime", by: .ssh) == nil)
    #expect(fixture.store.all().isEmpty)
    #expect(try fixture.prepare().record.name != stored.record.name)
    #expect(fixture.provider.keys.count == 2)
    // The record that ssh reads was of another form, too.
    try fixture.edit("record") { $0.replacing("record 3", with: "record 1") }
    #expect(fixture.current() == nil)
  }

  @Test func nobodyElseReadsIt() throws {
    let stored = try fixture.prepare()
    for name in try FileManager.default.subpathsOfDirectory(atPath: fixture.home.path(of: "state"))
    {
      let mode = try fixture.home.mode(of: "state/" + name)
      #expect(mode & 0o077 == 0 || name.hasSuffix("/current"), "\(name)")
    }
    let file = "state/sessions/sb1.prime/\(stored.record.name)/session.json"
    let text = try #require(fixture.home.read(file))
    try fixture.home.write(text, to: file, mode: 0o644)
    #expect(fixture.store.current("sb1.prime", by: .ssh) == nil)
  }

  @Test func everySessionIsListed() throws {
    let first = try fixture.prepare()
    _ = try fixture.prepare("sb2.prime")
    fixture.clock.seconds = first.record.renewAfter
    _ = try fixture.prepare()
    #expect(fixture.store.aliases == ["sb1.prime", "sb2.prime"])
    let aliases = fixture.store.all().map(\.target.alias)
    #expect(aliases.sorted() == ["sb1.prime", "sb1.prime", "sb2.prime"])
  }

  /// Storing one alias's session removes the folders of aliases whose last one has expired.
  @Test func whatHasExpiredIsSwept() throws {
    let first = try fixture.prepare()
    fixture.clock.seconds = first.record.expires
    _ = try fixture.prepare("sb2.prime")
    #expect(fixture.store.aliases == ["sb2.prime"])
  }

  @Test func aDirectoryOfOthersIsRefused() throws {
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o777], ofItemAtPath: fixture.home.path(of: "state"))
    let found = failure { try SessionStore(path: fixture.home.path(of: "state")) }
    #expect(found?.kind == .inputOutput)
  }
}
