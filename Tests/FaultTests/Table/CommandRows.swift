import Foundation
import TestSupport

extension FaultTable {
  /// A program of the user's own as the provider: what it does, and what becomes of it.
  static let commands: [Fault] =
    [
      command("ends with a status and no word", "exit 3", status: 69, says: "status 3"),
      command("prints nothing", "exit 0", status: 65, says: "the answer is not JSON"),
      command("prints no JSON", "echo hello", status: 65, says: "the answer is not JSON"),
      command(
        "speaks another version", #"echo '{"version":3}'"#, status: 65, says: "speaks version 3"),
      command(
        "speaks the version of before", #"echo '{"version":1}'"#, status: 65,
        says: "speaks version 1 of the protocol, not 2"),
      command(
        "says neither session nor error", #"echo '{"version":2}'"#, status: 65,
        says: "no \"session\""),
      command(
        "never stops printing", "exec cat /dev/zero", status: 65, says: "it prints more than"),
      command(
        "hangs", "exec sleep 600", status: 75, says: "it takes too long", within: Fault.atDeadline),
      command(
        "names an endpoint that is an option",
        #"echo '{"version":2,"session":{"endpoint":{"host":"-oX=y","port":22}}}'"#, status: 65,
        says: "is not a host name"),
      command(
        "names a preamble of two lines",
        #"printf %s '{"version":2,"session":{"endpoint":{"host":"127.0.0.1","port":22},"preamble":"a\nb\n"}}'"#,
        status: 65, says: "preamble"),
      command(
        "speaks of an error that nobody knows",
        #"echo '{"version":2,"error":{"kind":"odd","message":"x"}}'"#, status: 65,
        says: "an unknown kind of error"),
    ]
    + [
      ("denied", 77), ("not_found", 68), ("temporary", 75), ("unreachable", 69),
      ("rejected", 69), ("invalid_response", 65),
    ].map { kind, status in
      command(
        "says \(kind)",
        #"echo '{"version":2,"error":{"kind":"\#(kind)","message":"the words"}}'"#,
        status: Int32(status), says: "the words")
    }

  private static func command(
    _ name: String, _ script: String, status: Int32, says words: String,
    within: Double = Fault.atOnce
  ) -> Fault {
    Fault(
      .status, "a command that \(name)", status: status, says: words, within: within, alias: "mine"
    ) { testHome in
      try write(script, testHome)
      let ending = try testHome.connect("mine")
      try write(
        #"echo '{"version":2,"session":{"endpoint":{"host":"127.0.0.1","port":\#(testHome.endpoint.port)}}}'"#,
        testHome)
      return [ending]
    }
  }

  private static func write(_ script: String, _ testHome: FaultHome) throws {
    let program = try testHome.home.write(
      "#!/bin/sh\n\(script)\n", to: "my-cloud", mode: 0o700)
    try testHome.configure(
      "[hosts.mine]\nprovider = \"command\"\ncommand = [\"\(program)\"]\nid = \"i-1\"\n")
  }
}
