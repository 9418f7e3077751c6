import Foundation
import SystemIO
import TestSupport
import Testing

/// Machines that take long to wake.
@Suite(.serialized, .timed) struct LongWakeTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome
  private static let machines = ["dm-abc.dedalus", "dm-def.dedalus"]

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
    try testHome.setUp()
  }

  private func calls(_ method: String, _ machine: String = "/") throws -> [Int] {
    try simulator.requests().enumerated()
      .filter { $0.element.method == method && $0.element.path.contains(machine) }.map(\.offset)
  }

  /// Has the machines wake until they are told that they are awake.
  private func hold() throws {
    try simulator.scenario(
      #"""
      {"dedalus": {"wake_polls": 1},
       "faults": [{"method": "GET", "path": "/ssh/", "times": -1, "remove_fields": ["connection"],
         "replace_fields": {"status": "wake_in_progress", "retry_after_ms": 100}}]}
      """#)
  }

  private func awake() throws { try simulator.scenario(#"{"faults": []}"#) }

  /// An ssh that the user ends while the machine wakes.
  private func interrupt(_ number: Int32, wholeGroup: Bool) throws {
    let before = try calls("GET").count
    let ssh = try testHome.startSSH([Self.machines[0], "true"])
    #expect(try eventually { try calls("GET").count > before + 1 })
    kill(wholeGroup ? -ssh.identifier : ssh.identifier, number)
    #expect(ssh.end().status != 0)
    #expect(eventually { testHome.proxies.isEmpty }, "\(testHome.proxies)")
  }

  /// As VS Code does it: it gives up, and tries again.
  @Test func threeTriesWakeOnce() throws {
    try hold()
    try interrupt(SIGINT, wholeGroup: true)
    try interrupt(SIGTERM, wholeGroup: false)
    try awake()
    let third = try testHome.ssh([Self.machines[0], "echo in"])
    #expect(third.status == 0 && third.output == "in\n", "\(third)")
    #expect(try calls("POST").count == 1 && calls("DELETE").isEmpty)
    #expect(try simulator.state().dedalus.sessions.count == 1)
    let folder = "\(TestHome.state)/sessions/\(Self.machines[0])"
    #expect(!testHome.home.exists("\(folder)/pending") && testHome.home.exists("\(folder)/current"))
  }

  /// What the wake takes is no difference of the clocks: a session counts no longer than it lives.
  @Test func aWakeIsNoDifferenceOfClocks() throws {
    try simulator.scenario(
      #"{"dedalus": {"wake_polls": 7, "retry_after_ms": 1000, "ttl_seconds": 900}}"#)
    let machine = Self.machines[0]
    #expect(try testHome.ssh([machine, "true"]).status == 0)
    let end = WallClock.seconds
    let name = try #require(testHome.home.sessions(of: machine).first)
    let record = try #require(
      testHome.home.read("\(TestHome.state)/sessions/\(machine)/\(name)/record"))
    let line = try #require(record.split(separator: "\n").first { $0.hasPrefix("expires ") })
    let expires = try #require(Int64(line.dropFirst("expires ".count)))
    #expect((end + 800...end + 901).contains(expires), "\(expires - end)")
  }

  /// The deadline came first: the machine goes on waking, and the next ssh has it.
  @Test func aWakeThatOutlastsTheDeadlineIsTakenUp() throws {
    try testHome.configure("[connection]\ndeadline = 2\n")
    try hold()
    let first = try testHome.ssh([Self.machines[0], "true"])
    #expect(first.status == 255 && first.errors.contains("it goes on waking"), "\(first)")
    try awake()
    try testHome.configure("")
    #expect(try testHome.ssh([Self.machines[0], "true"]).status == 0)
    #expect(try calls("POST").count == 1 && calls("DELETE").isEmpty)
  }

  /// A session that has ended meanwhile is not waited for.
  @Test func anEndedWakeIsBegunAnew() throws {
    try hold()
    try interrupt(SIGINT, wholeGroup: true)
    try awake()
    try simulator.forget(try #require(simulator.state().dedalus.sessions.first?.id))
    try simulator.scenario(#"{"dedalus": {"wake_polls": 1}}"#)
    let end = try testHome.ssh([Self.machines[0], "true"])
    #expect(end.status == 0 && end.errors == "", "\(end)")
    #expect(try calls("POST").count == 2)
  }

  @Test func closeEndsWhatWasLeft() throws {
    try hold()
    try interrupt(SIGINT, wholeGroup: true)
    let end = try testHome.sshproxy(["close", Self.machines[0]])
    #expect(end.status == 0 && end.output == "closed \(Self.machines[0])\n", "\(end)")
    #expect(try calls("DELETE").count == 1)
    #expect(!testHome.home.exists("\(TestHome.state)/sessions/\(Self.machines[0])"))
  }

  /// One machine's wake does not wait for another's.
  @Test func severalWakeAtOnce() throws {
    try hold()
    let runs = try Self.machines.map { try testHome.startSSH([$0, "true"]) }
    for machine in ["dm-abc", "dm-def"] {
      #expect(try eventually { try calls("GET", machine).count > 1 })
    }
    try awake()
    for run in runs {
      let end = run.end()
      #expect(end.status == 0, "\(end)")
    }
    for (one, other) in [("dm-abc", "dm-def"), ("dm-def", "dm-abc")] {
      let begin = try #require(try calls("POST", one).first)
      let last = try #require(try calls("GET", other).last)
      #expect(begin < last)
    }
  }

  /// A gateway that has swallowed what came before the machine woke, by every way in which we dial: the socket
  /// passed to ssh, the relay, libssh2. Each wakes just after somebody has knocked.
  @Test func aWakeIsNoticedWithinFiveSeconds() throws {
    let passing: [String] = []
    let relaying = ["-o", "ProxyUseFdpass=no"]
    let wakes: [(machine: Machine, realm: String, seconds: Double, options: [String]?)] = [
      (.fixedHost, "plain", 4.2, passing), (.tensorpool, "tensorpool", 8.2, relaying),
      // While it sleeps, nobody asks for its certificate: that would wait for ten seconds.
      (.dedalus, "dedalus", 3, nil), (.vast, "vast", 16.2, relaying),
      (.runpod, "runpod", 28.2, passing),
    ]
    let members = wakes.map {
      let milliseconds = Int($0.seconds * 1000)
      return "\"\($0.realm)\": {\"before_open\": \"silent\", "
        + "\"endpoint_open_after_ms\": \(milliseconds)}"
    }
    try simulator.scenario("{\(members.joined(separator: ", "))}")
    let start = Date().timeIntervalSince1970
    let runs = try wakes.map { wake in
      let alias = wake.machine.alias
      return try wake.options.map { try testHome.startSSH($0 + [alias, "date +%s.%N"]) }
        ?? testHome.start(BuiltProgram.sshproxy, ["exec", alias, "--", "date +%s.%N"])
    }
    for (wake, run) in zip(wakes, runs) {
      let end = run.end(within: wake.seconds + 30)
      let time = try #require(Double(end.output.dropLast()), "\(end)")
      let overshoot = time - start - wake.seconds
      try expectTime(overshoot, within: 5, "\(wake.machine)")
      #expect(overshoot > 0, "\(wake.machine)")
    }
  }
}
