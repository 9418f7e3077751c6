import Foundation
import TestSupport

extension FaultTable {
  /// Each with both relays: by splice, and by copying.
  static let streams = ["", "copy"].flatMap { relay in stream(relay) }

  private static let size = 4 << 20

  private static func stream(_ relay: String) -> [Fault] {
    func row(
      _ moment: FaultMoment, _ name: String, status: Int32, says words: String = "",
      within: Double = 4, _ act: @escaping @Sendable (FaultHome) throws -> ProgramEnd
    ) -> Fault {
      let title = name + (relay.isEmpty ? "" : " (relayed by copying)")
      return Fault(moment, title, status: status, says: words, left: .session, within: within) {
        testHome in
        testHome.environment["SSHPROXY_RELAY"] = relay
        return [try act(testHome)]
      }
    }
    return [
      row(.stream, "the server resets after 1 MiB down", status: 74, says: "the connection broke") {
        testHome in
        testHome.machine(
          .script { connection, _ in
            connection.write(EndpointManner.banner)
            connection.write(bytes(1 << 20))
            _ = connection.read()
            connection.reset()
          })
        return try withInput("x", testHome) { $0.output.contains("SSH-2.0-fault") }
      },
      row(
        .stream, "the server resets in the middle of 4 MiB up", status: 74,
        says: "the connection broke"
      ) {
        testHome in
        testHome.machine(
          .script { connection, _ in
            connection.write(EndpointManner.banner)
            var count = 0
            while count < 1 << 20 {
              let more = connection.read()
              if more.isEmpty { break }
              count += more.count
            }
            connection.reset()
          })
        let file = try testHome.home.write(String(repeating: "u", count: size), to: "input")
        return try testHome.start(["connect", "sb1.prime"], input: .file(file)).end()
      },
      row(.stream, "4 MiB each way at once arrive whole", status: 0) { testHome in
        let text = String((0..<size).map { _ in "0123456789".randomElement() ?? "0" })
        let file = try testHome.home.write(text, to: "input")
        let ending = try testHome.start(["connect", "sb1.prime"], input: .file(file)).end()
        guard ending.output == EndpointManner.banner + text else {
          throw Unexpected("bytes were lost")
        }
        return ending
      },
      row(.stream, "the server reads nothing, and ends", status: 0) { testHome in
        testHome.machine(
          .script { connection, _ in
            connection.write(EndpointManner.banner)
            Thread.sleep(forTimeInterval: 0.5)
            connection.finish()
            _ = connection.readAll()
          })
        let file = try testHome.home.write(String(repeating: "u", count: size), to: "input")
        return try testHome.start(["connect", "sb1.prime"], input: .file(file)).end()
      },
      row(.end, "ssh's input ends, and the server goes on for a second", status: 0) { testHome in
        testHome.machine(
          .script { connection, _ in
            connection.write(EndpointManner.banner)
            _ = connection.readAll()
            Thread.sleep(forTimeInterval: 1)
            connection.write("the last words")
          })
        let ending = try testHome.connect()
        guard ending.output.hasSuffix("the last words") else { throw Unexpected("\(ending)") }
        return ending
      },
      row(.end, "the server ends while ssh's input is open", status: 0) { testHome in
        testHome.machine(
          .script { connection, _ in connection.write(EndpointManner.banner + "bye") })
        let pipe = testHome.keep(try OpenPipe())
        let run = try testHome.start(
          ["connect", "sb1.prime"],
          input: pipe.source)
        let ending = run.end()
        guard ending.output.hasSuffix("bye") else { throw Unexpected("\(ending)") }
        return ending
      },
      row(.end, "the server resets after its last byte", status: 74, says: "the connection broke") {
        testHome in
        testHome.machine(
          .script { connection, _ in
            connection.write(EndpointManner.banner)
            _ = connection.read()
            connection.reset()
          })
        return try withInput("x", testHome) { $0.output.contains("SSH-2.0-fault") }
      },
    ]
  }

  private static func bytes(_ count: Int) -> [UInt8] { [UInt8](repeating: 0x61, count: count) }

  /// Sends `text` once a condition holds, and leaves the input open.
  private static func withInput(
    _ text: String, _ testHome: FaultHome, when condition: (RunningProgram) -> Bool
  ) throws -> ProgramEnd {
    let pipe = testHome.keep(try OpenPipe())
    let run = try testHome.start(
      ["connect", "sb1.prime"], input: pipe.source)
    guard eventually({ condition(run) }) else { throw Unexpected("it did not begin") }
    try pipe.say(text)
    return run.end()
  }
}
