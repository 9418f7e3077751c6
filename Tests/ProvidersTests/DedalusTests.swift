import Configuration
import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

@Suite struct DedalusTests {
  private func provider(
    _ server: ScriptedAPI, header: APIKey.Header = .bearer,
    headers: [(name: String, value: String)] = []
  ) throws -> Dedalus {
    Dedalus(
      api: try api(server, header: header, headers: headers), machine: "dm-a", announce: { _ in })
  }

  private func answer(_ status: String, _ more: String = "") -> ScriptedAPI.Turn {
    .answer(
      200,
      """
      {"session_id": "w-1", "machine_id": "dm-a", "status": "\(status)",
       "created_at": "2026-01-02T03:04:05Z"\(more)}
      """)
  }

  private static let words = #", "error_code": "E", "error_message": "no such luck""#

  /// The same Idempotency-Key for each retry of one session, another one for the next, one more
  /// for the end.
  @Test func idempotencyKeys() throws {
    let refusal = ScriptedAPI.Turn.answer(503, #"{"retryable": true, "retry_after_ms": 10}"#)
    let over = answer("failed", Self.words)
    let server = try ScriptedAPI([
      refusal, .drop, over, answer("closed"), refusal, over, answer("closed"),
    ])
    let dedalus = try provider(server)
    for _ in 1...2 {
      let found = failure {
        try dedalus.open(for: try publicKey(), until: .now + 60_000)
      }
      #expect(found?.kind == .rejected)
      #expect(found?.message == "the session has failed: no such luck (E)")
    }
    let keys = server.all.compactMap { $0.headers["idempotency-key"] }
    try #require(keys.count == 7)
    #expect(Set(keys[0...2]).count == 1)
    #expect(Set(keys[4...5]).count == 1)
    #expect(Set([keys[0], keys[3], keys[4], keys[6]]).count == 4)
    for key in keys {
      let groups = key.split(separator: "-").map(\.count)
      #expect(groups == [8, 4, 4, 4, 12])
    }
    #expect(
      server.lines[2...3] == ["POST /v1/machines/dm-a/ssh", "DELETE /v1/machines/dm-a/ssh/w-1"])
  }

  /// Nobody is led to another machine than the one that was asked for, and what was made is closed.
  @Test(arguments: [
    (#""machine_id": "dm-a""#, #""machine_id": "dm-b""#), (#""machine_id": "dm-a","#, ""),
    (#""created_at": "2026-01-02T03:04:05Z""#, #""connection": {"endpoint": "h"}"#),
  ])
  func answersThatCannotBeRead(_ part: String, _ other: String) throws {
    let whole = """
      {"session_id": "w-1", "machine_id": "dm-a", "status": "wake_in_progress",
       "created_at": "2026-01-02T03:04:05Z"}
      """
    let body = whole.replacing(part, with: other)
    try #require(body != whole)
    let server = try ScriptedAPI([.answer(200, body), answer("closed")])
    let found = failure { try provider(server).open(for: try publicKey(), until: .now + 60_000) }
    #expect(found?.kind == .invalidResponse)
    #expect(
      server.lines == ["POST /v1/machines/dm-a/ssh", "DELETE /v1/machines/dm-a/ssh/w-1"])
  }

  /// What an interrupted call has left is asked for; only where it is gone is another one made. What is
  /// of no use is closed, but not what was only not ready in time.
  @Test func resumesOrBeginsAnew() throws {
    let wakes = answer("wake_in_progress", #", "retry_after_ms": 10"#)
    let failed = answer("failed", Self.words)
    let again = ["POST /v1/machines/dm-a/ssh", "GET /v1/machines/dm-a/ssh/w-1"]
    let end = "DELETE /v1/machines/dm-a/ssh/w-1"
    for (turns, lines) in [
      ([.answer(404, "{}"), wakes, failed, answer("closed")], [again[1]] + again + [end]),
      (
        [.drop, wakes, failed, answer("closed"), wakes, failed, answer("closed")],
        [again[1], again[1], again[1], end] + again + [end]
      ),
    ] as [([ScriptedAPI.Turn], [String])] {
      let server = try ScriptedAPI(turns)
      var named: [String] = []
      let found = failure {
        try provider(server).open(
          for: try publicKey(), resuming: "w-1", named: { named.append($0) }, until: .now + 60_000)
      }
      #expect(found?.kind == .rejected && named == ["w-1"])
      #expect(server.lines == lines)
    }
  }

  @Test func aWakeThatIsNotOverIsLeft() throws {
    let wakes = answer("wake_in_progress", #", "retry_after_ms": 30000"#)
    for isResumable in [true, false] {
      let server = try ScriptedAPI([wakes, answer("closed")])
      let dedalus = try provider(server)
      let found = failure {
        isResumable
          ? try dedalus.open(
            for: try publicKey(), resuming: nil, named: { _ in }, until: .now + 3000)
          : try dedalus.open(for: try publicKey(), until: .now + 3000)
      }
      #expect(found?.kind == .temporary)
      #expect(server.lines.contains { $0.hasPrefix("DELETE ") } == !isResumable)
    }
  }

  @Test(.timed) func pollsAsOftenAsItIsTold() throws {
    let server = try ScriptedAPI([
      answer("wake_in_progress", #", "retry_after_ms": 400"#),
      answer("ssh_in_progress", #", "retry_after_ms": 20"#), answer("expired"), answer("closed"),
    ])
    let found = failure {
      try provider(server).open(for: try publicKey(), until: .now + 60_000)
    }
    #expect(found?.message == "the session has expired")
    #expect(
      server.lines[1...2] == ["GET /v1/machines/dm-a/ssh/w-1", "GET /v1/machines/dm-a/ssh/w-1"])
    #expect(server.all[1].time >= 390)
    let second = server.all[2].time - server.all[1].time
    #expect(second >= 10)
    try expectTime(Double(second) / 1000, within: 0.39)
  }

  @Test(.timed) func sleepsOnAtTheDeadline() throws {
    let server = try ScriptedAPI([
      answer("wake_in_progress", #", "retry_after_ms": 5000"#), answer("closed"),
    ])
    let (found, time) = seconds {
      failure {
        try provider(server).open(for: try publicKey(), until: .now + 1000)
      }
    }
    try expectTime(time, within: 3)
    #expect(found?.kind == .temporary)
  }

  @Test func bothKindsOfKey() throws {
    let server = try ScriptedAPI([], then: .answer(401, #"{"error_code": "AUTH_INVALID"}"#))
    for header in [APIKey.Header.bearer, .named("x-api-key")] {
      let found = failure {
        try provider(server, header: header, headers: [("X-Dedalus-Org-Id", "org-1")])
          .open(for: try publicKey(), until: .now + 60_000)
      }
      #expect(found?.kind == .denied)
    }
    let sent = server.all
    #expect(sent.map { $0.headers["authorization"] } == ["Bearer secret", nil])
    #expect(sent.map { $0.headers["x-api-key"] } == [nil, "secret"])
    #expect(sent.allSatisfy { $0.headers["x-dedalus-org-id"] == "org-1" })
  }

  @Test(arguments: [
    (200, "wake_in_progress", true), (404, "", false), (200, "closed", false),
    (200, "expired", false),
  ])
  func asking(_ status: Int, _ word: String, isThere: Bool) throws {
    let first = status == 200 ? answer(word, #", "retry_after_ms": 10"#) : .answer(status, "{}")
    let server = try ScriptedAPI([first], then: answer("ready"))
    let session = Session(
      id: "w-1", endpoint: HostAndPort(host: "h", port: 22),
      login: .sessionKey(login: "s", certificate: nil), hostTrust: .trustOnFirstUse, expires: 1)
    #expect(try provider(server).isAlive(session, until: .now + 60_000) == isThere)
    #expect(server.lines.allSatisfy { $0 == "GET /v1/machines/dm-a/ssh/w-1" })
  }
}
