import Configuration
import OpenSSH
import Sessions
import SystemIO
import TestSupport
import Testing

@testable import Providers

/// What a cloud that is asked for a machine says, with Lambda for all: it names the least.
@Suite struct CloudTests {
  private let kept = Kept()

  /// The servers, for as long as a test runs.
  private final class Kept {
    var servers: [ScriptedAPI] = []
  }

  private func provider(_ turns: [ScriptedAPI.Turn]) throws -> (ScriptedAPI, InstanceProvider) {
    let server = try ScriptedAPI(turns)
    kept.servers.append(server)
    return (
      server,
      InstanceProvider(
        cloud: Lambda(), api: try api(server), id: "m1",
        hints: ProviderHints(provider: "Lambda", denied: "", notFound: ""), announce: { _ in })
    )
  }

  private func answer(_ state: String?, _ ip: String?, id: String = "\"m1\"") -> ScriptedAPI.Turn {
    let (state, ip) = (state.map { "\"\($0)\"" } ?? "null", ip.map { "\"\($0)\"" } ?? "null")
    return .answer(200, #"{"data": {"id": \#(id), "status": \#(state), "ip": \#(ip)}}"#)
  }

  @Test func waitsUntilItHasStateAndAddress() throws {
    let (server, machine) = try provider([
      answer(nil, nil), answer("booting", nil), answer("active", nil), answer("active", "1.2.3.4"),
    ])
    let session = try machine.open(for: publicKey(), until: .now + 20_000)
    #expect(session.endpoint == HostAndPort(host: "1.2.3.4", port: 22))
    #expect(session.login == .users(login: "ubuntu", identityFile: nil))
    #expect(session.hostTrust == .users)
    #expect(server.lines == Array(repeating: "GET /api/v1/instances/m1", count: 4))
  }

  @Test(arguments: ["unhealthy", "terminated", "terminating", "preempted"])
  func endsAtOnce(_ state: String) throws {
    let (_, machine) = try provider([answer(state, "1.2.3.4")])
    let failure = failure { try machine.open(for: publicKey(), until: .now + 60_000) }
    #expect(failure?.kind == .rejected && failure?.message.contains(state) == true)
  }

  @Test(arguments: ["true", "{}", "17", #""m2""#])
  func anotherMachineOrNone(_ id: String) throws {
    let (_, machine) = try provider([answer("active", "1.2.3.4", id: id)])
    let failure = failure { try machine.open(for: publicKey(), until: .now + 60_000) }
    #expect(failure?.kind == .invalidResponse)
  }

  @Test(arguments: ["", "-oProxyCommand=x", "a b", "127.1", "1.2.3.4%eth0"])
  func whatIsNoHost(_ ip: String) throws {
    let (_, machine) = try provider([answer("active", ip)])
    let failure = failure { try machine.open(for: publicKey(), until: .now + 60_000) }
    #expect(failure?.kind == .invalidResponse)
  }

  /// It lives while the answer is the same.
  @Test func isAliveWhileItIsThere() throws {
    let (_, machine) = try provider([
      answer("active", "1.2.3.4"), answer("active", "1.2.3.4"), answer("active", "1.2.3.5"),
      answer("booting", nil), answer("terminated", nil), .answer(404, "{}"),
    ])
    let session = try machine.open(for: publicKey(), until: .now + 60_000)
    let lives = try (1...5).map { _ in try machine.isAlive(session, until: .now + 60_000) }
    #expect(lives == [true, false, false, false, false])
  }

  @Test(arguments: [
    ("pod", 1), ("n1.pod", 1), ("n2.pod", 2), ("n1024.pod", 1024), ("n0.pod", nil), ("n.pod", nil),
    ("n1025.pod", nil), ("n02.pod", nil), ("2.pod", nil), ("n2.n2.pod", nil), ("n-1.pod", nil),
    ("n+1.pod", nil),
  ])
  func node(_ id: String, _ node: Int?) {
    let target = PodID(id)
    #expect(target?.node == node)
    #expect(node == nil || target?.pod == "pod")
  }
}
