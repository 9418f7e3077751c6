import Configuration
import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

@Suite struct DaytonaTests {
  private static let token = "Tok3nOfTwentyLetters"

  private func daytona(_ server: ScriptedAPI) throws -> Daytona {
    Daytona(api: try api(server), sandbox: "box", ttl: 600, announce: { _ in })
  }

  private var session: Session {
    Session(
      id: "access-1", endpoint: HostAndPort(host: "ssh.example", port: 22),
      login: .secret(SecretLogin(Self.token)), hostTrust: .users, expires: WallClock.seconds + 600)
  }

  /// A login that is stored, and is in no request: the answer may have it all the same.
  @Test func aTokenThatIsSentBackIsNotShown() throws {
    let words = "box's login \(Self.token) is no good"
    let refusal = ScriptedAPI.Turn.answer(403, "{\"message\": \"\(words)\"}")
    let server = try ScriptedAPI([refusal, refusal])
    let daytona = try daytona(server)
    let asked = failure { try daytona.isAlive(session, until: .now + 5000) }
    let closed = failure { try daytona.close(session, until: .now + 5000) }
    for found in [asked, closed] {
      #expect(found?.message.hasSuffix("box's login *** is no good") == true, "\(found as Any)")
    }
    #expect(server.lines.count == 2)
  }
}
