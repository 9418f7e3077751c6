import Foundation
import TestSupport

extension FaultTable {
  static let names: [Fault] = [
    api(
      "the API's name does not exist", .refusal(3), status: 69, says: "does not exist",
      within: Fault.atOnce),
    Fault(
      .names, "the API's name takes 11 s to be looked up", status: 0, left: .session, within: 15,
      deadline: 20
    ) { testHome in
      let server = testHome.keep(
        try NameServer(.late(11, [[127, 0, 0, 1]]), options: "options timeout:20 attempts:1"))
      // The machine is on this computer, and the API, by its name, is not.
      try testHome.configure("[prime]\nallow_local = true\n")
      let front = testHome.keep(try TLSFront(.named, target: testHome.provider.server.port))
      testHome.environment["SSL_CERT_FILE"] = front.authority
      testHome.environment["PRIME_API_BASE_URL"] = "https://\(TLSFront.name):\(front.port)"
      // The gateway, as the API, by TLS.
      testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
        guard call == .primeCreate else { return nil }
        let gateway = "\"https://\(TLSFront.name):\(front.port)/gateway\""
        let body = provider.normal(call, request).body
        return Reply(200, JSONText.replacing(["gateway_url"], in: body, by: gateway))
      }
      defer { testHome.environment["PRIME_API_BASE_URL"] = testHome.provider.url }
      return [try start(testHome, server).end(within: 30)]
    },
    api("the name server fails (SERVFAIL), until the deadline", .refusal(2)),
    api("the name server says nonsense, until the deadline", .garbage),
    api("the name server is silent", .silent),
    api("the name server is silent, and asked for 5 s twice", .silent, options: ""),
    machine(
      "the machine's name does not exist, until the deadline", .refusal(3), status: 75,
      says: "no address was found in time", within: Fault.atDeadline),
    machine(
      "the machine's name is asked in vain", .silent, options: "", status: 75,
      says: "no address was found in time", within: Fault.atDeadline),
    machine(
      "the machine's name has one address, which refuses, and one that answers",
      .addresses([[127, 0, 0, 2], [127, 0, 0, 1]]), status: 0, left: .session, within: Fault.atOnce),
    machine(
      "the machine's name has an address for nobody",
      .addresses([[0, 0, 0, 0], [255, 255, 255, 255], [127, 0, 0, 1]]), status: 0, left: .session,
      within: Fault.atOnce),
    machine(
      "the machine's name has 800 addresses, of which 16 are kept",
      .addresses([[127, 0, 0, 1]] + (2..<801).map { [127, 0, UInt8($0 >> 8), UInt8($0 & 255)] }),
      status: 0, left: .session, within: Fault.atOnce),
    Fault(
      .names, "the machine's name appears after a second", status: 0, left: .session, within: 3.5
    ) { testHome in
      let server = testHome.keep(try NameServer(.refusal(3)))
      nameMachine(testHome)
      let run = try start(testHome, server)
      Thread.sleep(forTimeInterval: 1)
      server.setManner(.addresses([[127, 0, 0, 1]]))
      return [run.end()]
    },
  ]

  private static let machineName = "box.fault.example"

  private static func api(
    _ name: String, _ manner: NameServer.Manner, options: String = "options timeout:1 attempts:1",
    status: Int32 = 75, says words: String = "the deadline is over",
    within: Double = Fault.atDeadline
  ) -> Fault {
    Fault(.names, name, status: status, says: words, within: within) { testHome in
      let server = testHome.keep(try NameServer(manner, options: options))
      testHome.environment["PRIME_API_BASE_URL"] = "https://api.fault.example"
      defer { testHome.environment["PRIME_API_BASE_URL"] = testHome.provider.url }
      return [try start(testHome, server).end()]
    }
  }

  private static func machine(
    _ name: String, _ manner: NameServer.Manner, options: String = "options timeout:1 attempts:1",
    status: Int32, says words: String = "", left: Left = .nothing, within: Double
  ) -> Fault {
    Fault(.names, name, status: status, says: words, left: left, within: within) { testHome in
      let server = testHome.keep(try NameServer(manner, options: options))
      nameMachine(testHome)
      return [try start(testHome, server).end()]
    }
  }

  private static func nameMachine(_ testHome: FaultHome) {
    testHome.provider.setFault { [unowned provider = testHome.provider] call, _, request in
      guard call == .primeCreate else { return nil }
      let body = provider.normal(call, request).body
      return Reply(200, JSONText.replacing(["host"], in: body, by: "\"\(machineName)\""))
    }
  }

  private static func start(_ testHome: FaultHome, _ server: NameServer) throws -> RunningProgram {
    let (program, words) = server.command(BuiltProgram.sshproxy, ["connect", "sb1.prime"])
    return try testHome.start(words, program: program)
  }
}
