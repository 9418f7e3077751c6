import Configuration
import Foundation
import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

@Suite struct PrimeTests {
  private func open(_ server: ScriptedAPI, key: PublicKey) throws(Failure) -> Session {
    let api: ProviderAPI
    do { api = try ProvidersTests.api(server) } catch { throw Failure(.internalError, "\(error)") }
    return try Prime(api: api, sandbox: "sb1", ttl: 600).open(for: key, until: .now + 60_000)
  }

  private func created(_ server: String = "http://127.0.0.1:1", _ more: String = "") -> String {
    """
    {"session_id": "s-1", "sandbox_id": "sb1", "host": "h.example", "port": 2222,
     "expires_at": "2099-01-02T03:04:05Z", "ttl_seconds": 600\(more)}
    """
  }

  private func gateway(_ url: String) -> String {
    created(
      url,
      """
      , "exposure_id": "e", "external_endpoint": "h:1", "gateway_url": "\(url)/gw/",
      "user_ns": "u/ns", "job_id": "j1", "token": "tok"
      """)
  }

  @Test func virtualMachine() throws {
    let server = try ScriptedAPI([.answer(200, created())])
    let key = try publicKey()
    let session = try open(server, key: key)
    #expect(session.id == "s-1")
    #expect(session.endpoint == HostAndPort(host: "h.example", port: 2222))
    #expect(session.preamble == Array("PRIME-SSH-SESSION s-1\n".utf8))
    #expect(session.login == .sessionKey(login: "s-1", certificate: nil))
    #expect(session.hostTrust == .trustOnFirstUse)
    let sent = try #require(server.all.first)
    #expect(sent.line == "POST /api/v1/sandbox/sb1/ssh-session HTTP/1.1")
    #expect(sent.body == ["public_key": key.line, "ttl_seconds": "600"])
  }

  /// The session's token is in hand when it is closed, and in no request.
  @Test func aTokenThatIsSentBackIsNotShown() throws {
    let answer = gateway("@self").replacing("\"tok\"", with: "\"tok-of-the-session\"")
    let opening = try ScriptedAPI([.answer(200, answer), .answer(200, "{}")])
    let session = try open(opening, key: try publicKey())
    let closing = try ScriptedAPI([.answer(403, #"{"detail": "no tok-of-the-session"}"#)])
    let prime = Prime(api: try api(closing), sandbox: "sb1", ttl: 600)
    let found = failure { try prime.close(session, until: .now + 5000) }
    #expect(found?.message.hasSuffix("no ***") == true, "\(found as Any)")
  }

  @Test func gatewayIsAuthorizedWithTheToken() throws {
    let server = try ScriptedAPI([
      .answer(200, gateway("@self")), .answer(500, ""), .answer(200, "{}"),
    ])
    let key = try publicKey()
    let session = try open(server, key: key)
    #expect(session.preamble == [])
    #expect(
      server.lines.dropFirst() == Array(repeating: "POST /gw/u%2Fns/j1/authorize", count: 2)[...])
    for sent in server.all.dropFirst() {
      #expect(sent.headers["authorization"] == "Bearer tok")
      #expect(
        sent.body == ["session_id": "s-1", "public_key": key.line, "ttl_seconds": "600"])
    }
  }

  @Test(arguments: [
    #"{"errors": [{"param": "public_key", "details": "Extra inputs are not permitted"}]}"#,
    #"{"detail": [{"loc": ["body", "public_key"], "msg": "Extra inputs"}]}"#,
  ])
  func askedAgainWithoutTheKey(_ refusal: String) throws {
    let server = try ScriptedAPI([
      .answer(422, refusal), .answer(200, gateway("@self")), .answer(200, "{}"),
    ])
    _ = try open(server, key: try publicKey())
    #expect(
      server.all.prefix(2).map { $0.body.keys.sorted() } == [
        ["public_key", "ttl_seconds"], ["ttl_seconds"],
      ])
  }

  @Test func anotherComplaintIsFinal() throws {
    let server = try ScriptedAPI([
      .answer(422, #"{"errors": [{"param": "ttl_seconds", "details": "too long"}]}"#)
    ])
    let found = failure { try open(server, key: try publicKey()) }
    #expect(found?.kind == .rejected)
    #expect(found?.message.hasSuffix(": ttl_seconds: too long") == true)
  }

  /// What cannot be used is not left behind at the provider, even where it cannot all be read.
  @Test(arguments: [
    ("h.example", "-oX"), (#""host": "h.example", "#, ""), ("2222", "null"), ("2222", "22.5"),
    ("2099-01-02", "soon"), (#", "ttl_seconds": 600"#, ""), (#""sandbox_id": "sb1", "#, ""),
  ])
  func unusableSessionIsClosed(_ part: String, _ other: String) throws {
    let body = created().replacingOccurrences(of: part, with: other)
    try #require(body != created())
    let server = try ScriptedAPI([.answer(200, body), .answer(200, "{}")])
    let found = failure { try open(server, key: try publicKey()) }
    #expect(found?.kind == .invalidResponse)
    #expect(
      server.lines == [
        "POST /api/v1/sandbox/sb1/ssh-session", "DELETE /api/v1/sandbox/sb1/ssh-session/s-1",
      ])
  }

  @Test func refusedGatewayClosesTheSession() throws {
    let server = try ScriptedAPI([
      .answer(200, gateway("@self")), .answer(401, #"{"detail": "bad token"}"#),
      .answer(200, "{}"),
    ])
    let found = failure { try open(server, key: try publicKey()) }
    #expect(found?.kind == .denied)
    #expect(found?.step == "authorize the key")
    #expect(server.lines.last == "DELETE /api/v1/sandbox/sb1/ssh-session/s-1")
  }

  /// Of two keys to a gateway none goes to another scheme than the API's own allows.
  @Test(arguments: ["ftp://x", "http://gateway.example", "//x", "https://u@x", ""])
  func gatewaysThatAreNone(_ url: String) throws {
    let body = gateway("@").replacingOccurrences(of: "@/gw/", with: url)
    let server = try ScriptedAPI([.answer(200, body), .answer(200, "{}")])
    let found = failure { try open(server, key: try publicKey()) }
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message.contains("gateway_url") == true)
  }

  @Test func closing() throws {
    let server = try ScriptedAPI([.answer(503, ""), .answer(404, "")])
    let session = Session(
      id: "s/1", endpoint: HostAndPort(host: "h", port: 22),
      login: .sessionKey(login: "s", certificate: nil), hostTrust: .trustOnFirstUse, expires: 1)
    let prime = Prime(api: try api(server), sandbox: "sb1", ttl: 600)
    try prime.close(session, until: .now + 60_000)
    #expect(
      server.lines
        == Array(repeating: "DELETE /api/v1/sandbox/sb1/ssh-session/s%2F1", count: 2))
  }
}
