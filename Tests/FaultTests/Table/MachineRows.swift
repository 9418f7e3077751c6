import Foundation
import TestSupport

extension FaultTable {
  static let exposure: [Fault] = [
    Fault(
      .exposure, "the machine refuses for a second", status: 0, left: .session, within: 3.5,
      makeHome: FaultHome.withoutMachine
    ) { testHome in
      let run = try testHome.start(["connect", "sb1.prime"])
      Thread.sleep(forTimeInterval: 1)
      testHome.endpoint.open()
      return [run.end()]
    },
    Fault(
      .exposure, "the machine's host drops the handshake for a second", status: 0, left: .session,
      within: 7, deadline: 8, makeHome: FaultHome.withoutMachine
    ) { testHome in
      try testHome.endpoint.crowdOut()
      let run = try testHome.start(["connect", "sb1.prime"])
      Thread.sleep(forTimeInterval: 1)
      testHome.endpoint.open()
      return [run.end()]
    },
    Fault(
      .exposure, "the machine refuses until the deadline", status: 75, says: "connection refused",
      left: .session, within: Fault.atDeadline,
      makeHome: FaultHome.withoutMachine
    ) { [try $0.connect()] },
    Fault(
      .exposure, "the machine's host drops the handshake until the deadline", status: 75,
      says: "for 3 s", left: .session, within: Fault.atDeadline,
      makeHome: FaultHome.withoutMachine
    ) { testHome in
      try testHome.endpoint.crowdOut()
      return [try testHome.connect()]
    },
    // More tries than an Int has bits: whatever doubles at each of them has overflowed by then.
    Fault(
      .exposure, "the machine refuses `exec` for 36 s", status: 255,
      says: "connection refused for 36 s", left: .session, within: 38, deadline: 36,
      makeHome: FaultHome.withoutMachine
    ) { [try $0.run(["exec", "sb1.prime", "--", "true"])] },
    early("hangs up on the first three connections", .hangUp),
    early("resets the first three connections", .reset),
    Fault(
      .exposure, "the first connection is silent for ever", status: 0, left: .session, within: 7,
      deadline: 8
    ) { testHome in
      testHome.machine(
        .script { connection, number in
          (number == 0 ? EndpointManner.silent : .echo).script(connection, number)
        })
      return [try testHome.connect()]
    },
  ]

  private static func early(_ name: String, _ manner: EndpointManner) -> Fault {
    Fault(.exposure, "the machine \(name)", status: 0, left: .session) { testHome in
      testHome.machine(
        .script { connection, number in
          (number < 3 ? manner : .echo).script(connection, number)
        })
      return [try testHome.connect()]
    }
  }

  static let firstByte: [Fault] = [
    never("is silent", .silent, says: "for 3 s"),
    never("hangs up without a word", .hangUp, says: "the server hangs up without a word"),
    never("resets", .reset, says: "connection reset"),
    Fault(.firstByte, "the greeting comes byte by byte", status: 0, left: .session) { testHome in
      testHome.machine(
        .script { connection, _ in
          for byte in EndpointManner.banner.utf8 {
            connection.write([byte])
            Thread.sleep(forTimeInterval: 0.01)
          }
          _ = connection.readAll()
        })
      let ending = try testHome.connect()
      guard ending.output == EndpointManner.banner else { throw Unexpected("\(ending)") }
      return [ending]
    },
    Fault(.firstByte, "a byte, and the end", status: 0, left: .session) { testHome in
      testHome.machine(.script { connection, _ in connection.write("S") })
      let ending = try testHome.connect()
      guard ending.output == "S" else { throw Unexpected("\(ending)") }
      return [ending]
    },
    Fault(
      .firstByte, "something that is not SSH, which is ssh's to judge", status: 0, left: .session
    ) {
      testHome in
      testHome.machine(
        .script { connection, _ in connection.write("HTTP/1.1 400 Bad Request\r\n\r\n") })
      let ending = try testHome.connect()
      guard ending.output.hasPrefix("HTTP/1.1 400") else { throw Unexpected("\(ending)") }
      return [ending]
    },
    Fault(
      .firstByte, "100 KB of ssh's bytes, of which two connections take 1 KB", status: 0,
      left: .session, within: 3.5
    ) { testHome in
      testHome.machine(
        .script { connection, number in
          if number < 2 {
            _ = connection.read()
            connection.reset()
          } else {
            EndpointManner.echo.script(connection, number)
          }
        })
      let text = String((0..<100_000).map { _ in "abcdefgh".randomElement() ?? "a" })
      let file = try testHome.home.write(text, to: "input")
      let run = try testHome.start(["connect", "sb1.prime"], input: .file(file))
      let ending = run.end()
      guard ending.output == EndpointManner.banner + text else {
        throw Unexpected("bytes were lost")
      }
      return [ending]
    },
    Fault(
      .firstByte, "a VM that wants its preamble first", status: 0, left: .session,
      alias: "vm1.prime"
    ) { testHome in
      testHome.machine(
        .script { connection, _ in
          let line = String(decoding: connection.read(), as: UTF8.self)
          guard line.hasPrefix("PRIME-SSH-SESSION ssh-") else { return }
          connection.write(EndpointManner.banner)
          _ = connection.readAll()
        })
      return [try testHome.connect("vm1.prime")]
    },
  ]

  private static func never(_ name: String, _ manner: EndpointManner, says words: String) -> Fault {
    Fault(
      .firstByte, "the machine \(name) until the deadline", status: 75, says: words,
      left: .session, within: Fault.atDeadline
    ) { testHome in
      testHome.machine(manner)
      return [try testHome.connect()]
    }
  }
}
