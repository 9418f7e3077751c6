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
    let neighbour = try OrdinaryUser.start("/bin/bash", ["-c", nobody])
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

  /// A socket of IPv6 that connects to an IPv4 address is not in the list, but one of ours may have its port
  /// there: ssh-keyscan's, which waits while the neighbour keeps the queue full.
  @Test(.enabled(if: geteuid() == 0 && !BuiltProgram.isPortable))
  func anothersSocketIsNotTakenForOneOfOursWithItsPort() throws {
    let endpoint = try LoopbackListener()
    let address = try #require(SocketAddress(host: "127.0.0.1", port: endpoint.port))
    let relay = try ScanRelay(DialDestination([address]), until: .now + 20_000)
    // One of ours to the same port, which waits in the queue of another listener.
    let text = """
      import os, socket, sys
      port = int(sys.argv[1])
      other = socket.create_server(("127.0.0.5", port))
      own = socket.create_connection(("127.0.0.5", port))
      if os.fork() == 0:
          os.setgid(\(OrdinaryUser.identifier))
          os.setuid(\(OrdinaryUser.identifier))
          theirs = socket.socket(socket.AF_INET6)
          theirs.settimeout(10)
          theirs.bind(("::ffff:127.0.0.2", own.getsockname()[1]))
          theirs.connect(("::ffff:127.0.0.1", port))
          print("in", theirs.recv(100), "out", flush=True)
          os._exit(0)
      os.wait()
      """
    let neighbour = try RunningProgram(
      "/usr/bin/python3", ["-c", text, String(relay.address.port)],
      environment: ["PATH": "/usr/bin:/bin"])
    let end = neighbour.end(within: 15)
    #expect(end.output == "in b'' out\n", "\(end)")
    #expect(!endpoint.hasVisitor(within: 0))
    withExtendedLifetime(relay) {}
  }

  /// What accept(2) refuses for good is not asked again and again until the limit.
  @Test(.timed) func aPortThatLetsNobodyInIsLeft() throws {
    // It does not listen, so poll(2) reports it, and accept(2) fails.
    let port = Descriptor(owning: csystem_socket(AF_INET, Int32(SOCK_STREAM.rawValue)))
    let (visitor, time) = seconds { LocalPort.accept(port, .nobody, .now + 10_000) == nil }
    #expect(visitor)
    try expectTime(time, within: 1)
  }
}
