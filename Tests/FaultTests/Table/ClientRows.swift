import Foundation
import TestSupport

extension FaultTable {
  /// `exec` and the route `jump`: what the SSH server itself does.
  static let client: [Fault] = [
    flooded("lines without end before the version", "", "x\n", exec: 255, jump: 65)
      .saying("before its SSH version"),
    flooded("a line without end before the version", "", "x", exec: 255, jump: 65)
      .saying("before its SSH version"),
    flooded("ignored messages instead of a key", "SSH-2.0-x\r\n", ignored, exec: 255, jump: 75)
      .saying("does not come to an end", within: 10),
    Fault(
      .client, "ssh is gone in the middle of a flood, on the route jump", status: 75,
      left: .session,
      within: 1, deadline: 30
    ) { testHome in
      testHome.machine(flood("SSH-2.0-x\r\n", ignored))
      let output = testHome.keep(try OpenPipe())
      let run = try testHome.start(["connect", "--jump", "sb1.prime"], output: output.writing)
      guard eventually({ testHome.endpoint.connectionCount > 0 }) else {
        throw Unexpected("no connection")
      }
      Thread.sleep(forTimeInterval: 0.5)
      return [leave(run, output)]
    },
    Fault(
      .client, "ssh writes a byte every 5 ms while the machine says nothing", status: 75,
      says: "the server says nothing", left: .session, within: Fault.atDeadline
    ) { testHome in
      testHome.machine(.silent)
      let pipe = testHome.keep(try OpenPipe())
      let run = try testHome.start(["connect", "sb1.prime"], input: pipe.source)
      while run.isRunning {
        try pipe.say("x")
        usleep(5000)
      }
      return [run.end()]
    },
    hostile(
      "the server closes the channel without an exit status", "nothing", status: 255,
      says: "without an exit status"),
    hostile(
      "the server sends an exit status without a number", "number", status: 255,
      says: "without an exit status"),
    hostile("the server's exit status is 3", "status 3", status: 3, says: ""),
    hostile(
      "the server sends messages that nobody asks for, without end", "queue 192 30000",
      status: 255, says: "libssh2 holds 192 MiB", within: 20),
    hostile(
      "the host's key is revoked in the user's known hosts", "status 0", status: 255,
      says: "marked as revoked"
    ) { testHome, server in
      try testHome.home.write("@revoked * \(server.keyLine)\n", to: ".ssh/known_hosts")
    },
    hostile(
      "ssh pins a host's key while `exec` connects to another host", "status 0", status: 255,
      says: "is not the one that is known", whileConnecting: pinAnother),
  ]

  /// An SSH message that is ignored, 1,024 times.
  private static let ignored: String = {
    let message: [UInt8] = [0, 0, 0, 12, 6, 2, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6]
    return String(
      decoding: [[UInt8]](repeating: message, count: 1024).joined(), as: UTF8.self)
  }()

  private static func flood(_ start: String, _ part: String) -> EndpointManner {
    .script { connection, _ in
      connection.write(start)
      let portion = [UInt8](String(repeating: part, count: max(1, 16_384 / part.utf8.count)).utf8)
      while connection.write(portion) {}
    }
  }

  /// Each way to the server.
  private static func flooded(
    _ name: String, _ start: String, _ part: String, exec: Int32, jump: Int32
  ) -> Fault {
    Fault(.client, "the server sends \(name)", status: exec, left: .session) { testHome in
      testHome.machine(flood(start, part))
      var onward = try testHome.run(["connect", "--jump", "sb1.prime"])
      guard onward.status == jump else { throw Unexpected("\(onward)") }
      onward.status = exec
      return [try testHome.run(["exec", "sb1.prime", "--", "true"]), onward]
    }
  }

  /// A command on `scripts/support/hostile-server.py`.
  private static func hostile(
    _ name: String, _ command: String, status: Int32, says words: String, within: Double = 12,
    before prepare: @escaping @Sendable (FaultHome, HostileServer) throws -> Void = { _, _ in },
    whileConnecting act: @escaping @Sendable (FaultHome) -> Void = { _ in }
  ) -> Fault {
    Fault(
      .client, name, status: status, says: words, left: .session, within: within, deadline: 8
    ) { testHome in
      let server = testHome.keep(try HostileServer())
      try prepare(testHome, server)
      let port = server.port
      testHome.machine(
        .script { [weak testHome] connection, _ in
          testHome.map(act)
          Tunnel.run(from: connection, to: port)
        })
      return [try testHome.run(["exec", "sb1.prime", "--", command])]
    }
  }

  /// As ssh does with `StrictHostKeyChecking accept-new`.
  private static func pinAnother(_ testHome: FaultHome) {
    let key = "AAAAC3NzaC1lZDI1NTE5AAAAICEhISEhISEhISEhISEhISEhISEhISEhISEhISEhISEh"
    for name in testHome.home.sessions(of: "sb1.prime") {
      let line = "[127.0.0.1]:\(testHome.endpoint.port) ssh-ed25519 \(key)\n"
      _ = try? testHome.home.write(
        line, to: "\(FaultHome.state)/sessions/sb1.prime/\(name)/known_hosts")
    }
  }
}
