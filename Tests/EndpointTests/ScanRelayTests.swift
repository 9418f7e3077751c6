import Dialing
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Endpoint

/// The port on this computer by which ssh-keyscan gets to an endpoint behind a proxy, with the user's own
/// password there.
@Suite struct ScanRelayTests {
  /// Every user of the computer sees the port in /proc/net/tcp, and is turned away.
  @Test(.enabled(if: geteuid() == 0 && !BuiltProgram.isPortable))
  func anotherUsersConnectionIsNotCarriedOn() throws {
    let endpoint = try LoopbackListener()
    let address = try #require(SocketAddress(host: "127.0.0.1", port: endpoint.port))
    let relay = try ScanRelay(DialDestination([address]), until: .now + 20_000)
    let nobody = "exec 3<>/dev/tcp/127.0.0.1/\(relay.address.port); echo in; cat <&3; echo out"
    let neighbour = try RunningProgram(
      "/usr/bin/setpriv",
      ["--reuid", "65534", "--regid", "65534", "--clear-groups", "--", "/bin/bash", "-c", nobody],
      environment: ["PATH": "/usr/bin:/bin"])
    let end = neighbour.end(within: 10)
    #expect(end.output == "in\nout\n", "\(end)")
    #expect(!endpoint.hasVisitor(within: 0))
    // Whom it is for is let through, and had not to wait for the other.
    let own = try relay.address.beginConnecting()
    try endpoint.accept().send("SSH-2.0-there\r\n")
    var items = [pollfd(fd: own.number, events: Int16(POLLIN), revents: 0)]
    #expect(try HangUpMonitor.nobody.wait(for: &items, until: .now + 10_000))
    withExtendedLifetime(relay) {}
  }
}
