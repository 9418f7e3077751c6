import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

@Suite struct TensorPoolTests {
  private func open(_ turn: ScriptedAPI.Turn) throws -> (
    ScriptedAPI, Result<Session, Failure>
  ) {
    let server = try ScriptedAPI([turn])
    let provider = InstanceProvider.tensorPool(try api(server), "a b", home: "/nowhere")
    let key = try publicKey()
    return (
      server, Result { () throws(Failure) in try provider.open(for: key, until: .now + 60_000) }
    )
  }

  @Test func commandIsReadAndNeverRun() throws {
    let (server, result) = try open(
      .answer(200, #"{"command": "ssh -A -p 2200 -o ConnectTimeout=5 'ubuntu@h.example'"}"#))
    let session = try result.get()
    #expect(session.endpoint == HostAndPort(host: "h.example", port: 2200))
    #expect(session.login == .users(login: "ubuntu", identityFile: nil))
    #expect(session.hostTrust == .users)
    #expect(session.expires > WallClock.seconds + 14 * 60)
    #if os(Linux)
      #expect(server.lines == ["GET /ssh/a%20b?system=linux"])
    #endif
    #expect(server.all.first?.headers["authorization"] == "Bearer secret")
  }

  @Test func aMessageAloneIsSaid() throws {
    let (_, result) = try open(.answer(200, #"{"message": "stopped\u001b[0m"}"#))
    let found = failure { try result.get() }
    #expect(found?.kind == .rejected)
    #expect(found?.message == "TensorPool says: stopped?[0m")
  }

  @Test func neitherIsNonsense() throws {
    let (_, result) = try open(.answer(200, "{}"))
    #expect(failure { try result.get() }?.kind == .invalidResponse)
  }
}
