import Foundation
import SystemIO
import TestSupport

extension FaultTable {
  /// Every signal at every step.
  static let signals: [Fault] =
    Step.all.flatMap { step in
      [("SIGHUP", SIGHUP), ("SIGTERM", SIGTERM), ("SIGINT", SIGINT), ("SIGKILL", SIGKILL)]
        .map { name, number in signal(name, number, step) }
    } + [killedWhileStoring]

  private static func signal(_ name: String, _ number: Int32, _ step: Step) -> Fault {
    Fault(
      .signal, "\(name) while \(step.name)", status: 128 + number, left: step.left, within: 1,
      deadline: 30, alias: step.alias, makeHome: step.makeHome
    ) { testHome in
      let pipe = testHome.keep(try OpenPipe())
      let run = try step.start(
        testHome, input: pipe.source)
      let start = Moment.now
      // A terminal sends SIGINT to all of its foreground, ssh sends SIGHUP to us alone.
      if number == SIGINT { kill(-run.identifier, number) } else { run.signal(number) }
      var ending = run.end()
      ending.seconds = Double(Moment.now - start) / 1000
      return [ending]
    }.afterwards { try step.release($0) }
  }

  /// Each of these kills leaves a state that the next `prepare` mends.
  private static let killedWhileStoring = Fault(
    .signal, "SIGKILL at 40 moments of prepare, the next run each time", status: 0,
    left: Left(here: 1, there: 1, mayBeUnfinished: false)
  ) { testHome in
    try (0..<40).map { index in
      testHome.wipe()
      let run = try testHome.start(["prepare", "sb1.prime"])
      usleep(UInt32(index * 2000))
      run.signal(SIGKILL)
      _ = run.end()
      testHome.provider.forgetSessions()
      try removeSessions(testHome)
      return try testHome.prepare()
    }
  }

  /// A whole session that was stored before the kill is used, and the provider was made to forget
  /// it: without its pointer, as after a kill one moment earlier.
  private static func removeSessions(_ testHome: FaultHome) throws {
    unlink(testHome.home.path(of: "\(FaultHome.state)/sessions/sb1.prime/current"))
    try testHome.home.rewriteRecords(of: "sb1.prime") {
      $0.hasPrefix("expires") ? "expires 1700000000" : $0
    }
  }

  /// ssh reads no more: standard output has no reader.
  static let gone: [Fault] =
    Step.all.map(goneWhile) + [
      Fault(
        .gone, "ssh is gone while the API's name is looked up in vain", status: 75, within: 1,
        deadline: 30
      ) { testHome in
        let names = testHome.keep(try NameServer(.silent, options: ""))
        testHome.environment["PRIME_API_BASE_URL"] = "https://api.fault.example"
        defer { testHome.environment["PRIME_API_BASE_URL"] = testHome.provider.url }
        let output = testHome.keep(try OpenPipe())
        let (program, words) = names.command(BuiltProgram.sshproxy, ["connect", "sb1.prime"])
        let run = try testHome.start(words, program: program, output: output.writing)
        guard eventually({ names.queryCount > 0 }) else { throw Unexpected("no query") }
        return [leave(run, output)]
      },
      Fault(
        .gone, "ssh is gone in a flood instead of a TLS handshake", status: 75, within: 1,
        deadline: 30
      ) { testHome in
        let server = testHome.keep(try helloRequests())
        testHome.environment["PRIME_API_BASE_URL"] = "https://localhost:\(server.port)"
        defer { testHome.environment["PRIME_API_BASE_URL"] = testHome.provider.url }
        let output = testHome.keep(try OpenPipe())
        let run = try testHome.start(["connect", "sb1.prime"], output: output.writing)
        guard eventually({ server.connectionCount > 0 }) else { throw Unexpected("no call") }
        return [leave(run, output)]
      },
    ]

  /// - Returns: how the program ended, from ssh's end on.
  static func leave(_ run: RunningProgram, _ output: OpenPipe) -> ProgramEnd {
    output.closeWriting()
    let start = Moment.now
    output.closeReading()
    var ending = run.end()
    ending.seconds = Double(Moment.now - start) / 1000
    return ending
  }

  private static func goneWhile(_ step: Step) -> Fault {
    Fault(
      .gone, "ssh is gone while \(step.name)", status: step.name == Step.relaying.name ? nil : 75,
      left: step.left, within: 1, deadline: 30, alias: step.alias, makeHome: step.makeHome
    ) { testHome in
      let input = testHome.keep(try OpenPipe())
      let output = testHome.keep(try OpenPipe())
      let run = try step.start(
        testHome, input: input.source,
        output: output.writing)
      return [leave(run, output)]
    }.afterwards { try step.release($0) }
  }

  static let parents: [Fault] =
    Step.early.map { step in
      Fault(
        .parent, "the parent dies while \(step.name): it ends", status: nil, left: step.left,
        within: 1, deadline: 30, alias: step.alias, makeHome: step.makeHome
      ) { testHome in
        let input = testHome.keep(try OpenPipe())
        let shell = try step.start(
          testHome, input: input.source,
          through: background)
        let start = Moment.now
        shell.signal(SIGKILL)
        var ending = shell.end()
        _ = eventually { testHome.processes.isEmpty }
        ending.seconds = Double(Moment.now - start) / 1000
        return [ending]
      }.afterwards { try step.release($0) }
    } + [
      Fault(
        .parent, "the parent dies while the relay runs: it lives on until the server ends",
        status: nil, left: .session, within: 5, deadline: 30
      ) { testHome in
        testHome.machine(
          .script { connection, _ in
            connection.write(EndpointManner.banner)
            let heard = connection.read()
            connection.write(heard)
          })
        let input = testHome.keep(try OpenPipe())
        let shell = try Step.relaying.start(
          testHome, input: input.source,
          through: background)
        shell.signal(SIGKILL)
        let start = Moment.now
        var ending = shell.end()
        // Longer than it takes to notice a parent's death where that counts.
        Thread.sleep(forTimeInterval: 1.2)
        guard !testHome.processes.isEmpty else { throw Unexpected("it ended with its parent") }
        try input.say("still here")
        guard eventually({ shell.output.hasSuffix("still here") }) else {
          throw Unexpected("it relays no more")
        }
        _ = eventually { testHome.processes.isEmpty }
        ending.seconds = Double(Moment.now - start) / 1000
        return [ending]
      }
    ]
}

/// A shell that waits for its command in the background, whose input would else be /dev/null.
private let background = #"exec 3<&0; "$@" <&3 3<&- & wait"#
