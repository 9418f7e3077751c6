import Foundation
import TestSupport
import Testing

/// Before libcurl closes a connection it reads once more, and OpenSSL does not come back as long as there
/// are session tickets.
@Suite(.timed) struct SessionTicketTests {
  @Test func behindAnAnswerKeepNobody() async throws {
    try await Gate.shared.run {
      let folder = try TemporaryDirectory("tickets")
      let input = try OpenPipe()
      let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "scripts/support/ticket-server.py")
      let server = try RunningProgram(
        "/usr/bin/python3", [script.path, folder.path, "100000"],
        environment: ["PATH": "/usr/bin:/bin"], input: input.source)
      func lines() -> [Substring] { server.output.split(separator: "\n") }
      guard eventually({ server.output.hasSuffix("\n") }), let port = lines().first
      else { throw Unexpected("the server does not start: \(server.errors)") }

      let testHome = try FaultHome(deadline: 60)
      testHome.environment["SSL_CERT_FILE"] = folder.path(of: "certificate.pem")
      testHome.environment["TENSORPOOL_ENGINE"] = "https://localhost:\(port)"
      let ending = try testHome.prepare("node1.tensorpool")
      #expect(ending.status == 0, "\(ending)")
      #expect(eventually { lines().count > 1 })
      let seconds = lines().dropFirst().first.flatMap { Double($0) }
      // Of 25 MB; all of them take over a second.
      try expectTime(try #require(seconds), within: 0.5, "\(lines())")
    }
  }
}
