import Configuration
import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

/// Whose a key is, and what it lists, as far as the answers can be believed.
@Suite struct AccountTests {
  private static let deadline = Moment.now + 60_000

  @Test func primeNamesTheOwner() throws {
    let server = try ScriptedAPI([
      .answer(200, #"{"data": {"email": "a@b\u001b[0m", "slug": "a"}}"#),
      .answer(200, #"{"data": {"slug": "a"}}"#), .answer(200, #"{"data": {}}"#),
    ])
    let account = PrimeAccount(api: try api(server))
    let owners = try (1...3).map { _ in try account.check(until: Self.deadline).owner }
    #expect(owners.map { $0 == nil } == [false, false, true] && owners[1] == "a")
    #expect(owners[0]?.unicodeScalars.allSatisfy { $0.value >= 0x20 } == true)
    #expect(server.lines == Array(repeating: "GET /api/v1/user/whoami", count: 3))
  }

  @Test func primeReadsEveryPage() throws {
    func page(_ id: String, _ more: Bool) -> ScriptedAPI.Turn {
      .answer(200, #"{"sandboxes": [{"id": "\#(id)", "status": "RUNNING"}], "hasNext": \#(more)}"#)
    }
    let server = try ScriptedAPI([page("sb1", true), page("sb2", false)])
    let list = try PrimeAccount(api: try api(server), team: "t 1").machines(until: Self.deadline)
    #expect(list.machines.map(\.id) == ["sb1", "sb2"] && !list.isCut)
    #expect(server.lines.last?.contains("page=2&per_page=50&is_active=true&team_id=t%201") == true)
  }

  @Test func dedalusFollowsTheCursor() throws {
    func page(_ id: String, _ next: String) -> ScriptedAPI.Turn {
      .answer(200, #"{"items": [{"machine_id": "\#(id)", "phase": "up"}]\#(next)}"#)
    }
    let cursor = #", "next_cursor": "c&1""#
    let server = try ScriptedAPI([page("dm-a", cursor), page("dm-b", "")])
    let list = try ListedAccount.dedalus(try api(server)).machines(until: Self.deadline)
    #expect(list.machines.map(\.id) == ["dm-a", "dm-b"])
    #expect(server.lines.last?.hasSuffix("limit=100&cursor=c%261") == true, "\(server.lines)")
    let loop = try ScriptedAPI([page("dm-a", cursor), page("dm-a", cursor)])
    let found = failure { try ListedAccount.dedalus(try api(loop)).machines(until: Self.deadline) }
    #expect(found?.kind == .invalidResponse)
  }

  @Test func tensorPoolTakesTheKeyOrNot() throws {
    let server = try ScriptedAPI([
      .answer(200, #"{"message": "hello"}"#), .answer(401, "{}"), .answer(404, "{}"),
    ])
    let account = TensorPoolAccount(api: try api(server))
    #expect(try account.check(until: Self.deadline).owner == nil)
    #expect(failure { try account.check(until: Self.deadline) }?.kind == .denied)
    // No machine is missing: the base URL is another server's.
    #expect(failure { try account.check(until: Self.deadline) }?.kind == .invalidResponse)
  }

  @Test func aStaticHostIsWhatTheFileSays() throws {
    let host = StaticHost(endpoint: HostAndPort(host: "lab.example", port: 2222))
    let session = try host.open(for: try publicKey(), until: Self.deadline)
    #expect(session.endpoint == HostAndPort(host: "lab.example", port: 2222) && session.id == nil)
    #expect(session.login == .users(login: nil, identityFile: nil))
    #expect(session.hostTrust == .users && session.expires > WallClock.seconds)
    #expect(try host.isAlive(session, until: Self.deadline))
  }
}
