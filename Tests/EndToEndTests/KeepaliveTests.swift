import SystemIO
import TestSupport
import Testing

/// A connection that dies in the middle, without a word to either end.
@Suite(.serialized, .timed) struct KeepaliveTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// Forwards each connection until the file `cut` is there; a connection that begins later is forwarded.
  private func relay() throws -> RunningProgram {
    let script = """
      import os, socket, sys, threading, time
      target, cut = int(sys.argv[1]), sys.argv[2]
      server = socket.create_server(("127.0.0.1", 0))
      print(server.getsockname()[1], flush=True)
      def forward(source, sink, ends):
        while True:
          data = source.recv(65536)
          while ends and os.path.exists(cut): time.sleep(600)
          if not data: return sink.shutdown(socket.SHUT_WR)
          sink.sendall(data)
      while True:
        visitor, _ = server.accept()
        host = socket.create_connection(("127.0.0.1", target))
        ends = not os.path.exists(cut)
        for pair in (visitor, host), (host, visitor):
          threading.Thread(target=forward, args=(*pair, ends), daemon=True).start()
      """
    let port = try #require(simulator.ports["plain"])
    return try testHome.start(
      "/usr/bin/python3", ["-c", script, String(port), testHome.home.path(of: "cut")])
  }

  @Test func endsAndTheNextLogsIn() throws {
    let relay = try relay()
    try #require(eventually { relay.output.hasSuffix("\n") })
    try testHome.configureLab(
      port: try #require(Int(relay.output.dropLast())), connection: "keepalive = 1")
    try testHome.setUp()
    let running = try testHome.startSSH(["lab", "echo in; exec sleep 600"])
    try #require(eventually { running.output == "in\n" })
    try testHome.home.write("", to: "cut")
    let cut = Moment.now
    let end = running.end()
    try expectTime(Double(Moment.now - cut) / 1000, within: 9, "\(end)")
    #expect(end.status == 255, "\(end)")
    let next = try testHome.ssh(["lab", "echo again"])
    #expect(next.status == 0, "\(next)")
    #expect(next.output == "again\n")
  }

  /// On every way to a machine; `keepalive = 0` writes none, and the user's own count.
  @Test(arguments: Machine.allCases)
  func isInTheBlock(_ machine: Machine) throws {
    let text = try #require(testHome.home.read(".config/sshproxy/config.toml"))
    func interval() throws -> Substring? {
      try testHome.ssh(["-o", "ServerAliveInterval=77", "-G", machine.alias]).output
        .split(separator: "\n").first { $0.hasPrefix("serveraliveinterval ") }
    }
    try testHome.setUp()
    let shown = try testHome.ssh(["-G", machine.alias]).output
    #expect(shown.contains("\nserveraliveinterval 15\n"), "\(shown)")
    #expect(shown.contains("\nserveralivecountmax 4\n"))
    // The command line counts more than any file.
    #expect(try interval() == "serveraliveinterval 77")
    try testHome.configure("[connection]\nkeepalive = 0\n\n" + text)
    _ = try testHome.sshproxy(["close", machine.alias])
    let without = try testHome.ssh(["-G", machine.alias]).output
    // Debian's ssh asks every five minutes under BatchMode.
    let plain = try testHome.start(
      TestHome.ssh, ["-F", "none", "-o", "BatchMode=yes", "-G", machine.alias]
    ).end(within: 20).output
    let own = try #require(
      plain.split(separator: "\n").first { $0.hasPrefix("serveraliveinterval ") })
    #expect(without.contains("\n\(own)\n"), "\(without)")
  }
}
