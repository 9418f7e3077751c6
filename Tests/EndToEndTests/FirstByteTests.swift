import TestSupport
import Testing

/// Until the server has said a word, its silence is waited out; nothing of ssh's input is lost.
@Suite(.serialized, .timed) struct FirstByteTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  @Test(arguments: ["refused", "dropped", "silent"], [true, false])
  func endpointOpensLate(_ manner: String, fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    try simulator.scenario(
      #"{"plain": {"before_open": "\#(manner)", "endpoint_open_after_ms": 900}}"#)
    let end = try testHome.shell("echo all of it | ssh lab 'cat; echo $USER'")
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "all of it\nuser\n")
    #expect(end.errors == "")
  }

  @Test(arguments: ["sb1.prime", "vm1.prime", "dm-abc.dedalus"], [true, false])
  func exposureIsOnItsWay(_ alias: String, fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    try simulator.scenario(
      """
      {"prime": {"exposure_delay_ms": 1500},
       "dedalus": {"endpoint_open_after_ms": 1500, "before_open": "dropped"}}
      """)
    let end = try testHome.shell("echo all of it | ssh \(alias) cat")
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "all of it\n")
    #expect(end.errors == "")
    // A refused connection is dialled again; the provider is not asked each time.
    #expect(try simulator.requests().filter { $0.method == "POST" }.count <= 2)
  }

  /// A session that has answered is handed over as soon as TCP is up, so with fd passing only what
  /// refuses is ours to wait for.
  @Test(arguments: [("refused", true), ("refused", false), ("dropped", false), ("silent", false)])
  func storedSessionWhoseServerPauses(_ manner: String, fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    #expect(try testHome.ssh(["lab", "true"]).status == 0)
    try simulator.scenario(
      #"{"plain": {"before_open": "\#(manner)", "endpoint_open_after_ms": 900}}"#)
    let end = try testHome.shell("echo all of it | ssh lab cat")
    #expect(end.status == 0, "\(end)")
    #expect(end.output == "all of it\n")
  }

  /// A program that runs the same ProxyCommand over a socket pair and speaks first is no ssh (libssh's
  /// newest): it gets the server's bytes, not a descriptor.
  @Test(arguments: ["lab", "sb1.prime", "vm1.prime", "dm-abc.dedalus"], [true, false])
  func callerThatSpeaksFirstIsRelayed(_ alias: String, isStored: Bool) throws {
    if isStored { #expect(try testHome.sshproxy(["connect", alias]).status == 0) }
    let script = """
      import socket, subprocess, sys
      ours, theirs = socket.socketpair()
      ours.settimeout(15)
      ours.sendall(b"SSH-2.0-talks_first\\r\\n")
      program = subprocess.Popen(sys.argv[1:], stdin=theirs, stdout=theirs)
      theirs.close()
      data, ancillary, _, _ = ours.recvmsg(255, 1024)
      print(data.split(b"_")[0].decode(), len(ancillary))
      ours.close()
      program.wait(15)
      """
    let end = try testHome.start(
      "/usr/bin/python3",
      ["-c", script, BuiltProgram.sshproxy, "connect", "--fdpass", alias]
    ).end()
    #expect(end.output == "SSH-2.0-OpenSSH 0\n", "\(end)")
  }

  @Test(
    arguments: [Machine.primeToken, .primeVM, .dedalus, .command].map { ($0, true) }
      + [(.primeToken, false)])
  func forgottenSessionIsDropped(_ machine: Machine, fdpass: Bool) throws {
    // The exposure has a port of its own, which is refused once it is gone.
    try simulator.scenario(#"{"dedalus": {"endpoint_open_after_ms": 50}}"#)
    try testHome.setUp(fdpass: fdpass)
    #expect(try testHome.ssh([machine.alias, "true"]).status == 0)
    try simulator.forgetAll()
    let end = try testHome.ssh([machine.alias, "true"])
    try end.expectTime(within: 6)
    #expect(end.status == 255, "\(end)")
    #expect(end.errorLines("sshproxy: error: \(machine.alias): ").count == 1, "\(end)")
    #expect(end.errorLines("sshproxy: hint: run it again").count == 1, "\(end)")
    let again = try testHome.ssh([machine.alias, "true"])
    #expect(again.status == 0, "\(again)")
    #expect(again.errors == "")
  }

  @Test func forgottenSessionHasItsExitStatus() throws {
    try testHome.setUp()
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    try simulator.forget(try Machine.primeToken.login(at: simulator))
    let end = try testHome.sshproxy(["connect", "sb1.prime"])
    #expect(end.status == 75, "\(end)")
    #expect(end.output == "")
    #expect(end.errorLines("sshproxy: error: sb1.prime: ").count == 1, "\(end)")
    #expect(end.errorLines("sshproxy: hint: run it again").count == 1, "\(end)")
  }

  /// The session was replaced while the endpoint was silent: what is sent first is the new one's preamble.
  @Test func aReplacedSessionBringsItsOwnPreamble() throws {
    let endpoint = try LoopbackListener()
    try testHome.home.write("ONE", to: "word")
    try testHome.home.write(
      """
      printf '{"version":2,"session":{"endpoint":{"host":"127.0.0.1","port":\(endpoint.port)},'
      printf '"preamble":"%s\\\\n"}}\\n' "$(cat '\(testHome.home.path(of: "word"))')"

      """, to: "bin/talks")
    try testHome.configure(
      """
      [hosts.talks]
      provider = "command"
      command = ["/bin/sh", "\(testHome.home.path(of: "bin/talks"))"]

      """)
    #expect(try testHome.sshproxy(["prepare", "talks"]).status == 0)
    // Otherwise it is so young that it counts as made for this very connection.
    try testHome.home.write("", to: "\(TestHome.state)/sessions/talks/current/answered")
    let connect = try testHome.start(BuiltProgram.sshproxy, ["connect", "talks"])
    let silent = try endpoint.accept()
    #expect(try silent.receive(4) == "ONE\n")
    try testHome.home.write("TWO", to: "word")
    for word in ["close", "prepare"] {
      let end = try testHome.sshproxy([word, "talks"])
      #expect(end.status == 0, "\(end)")
    }
    silent.close()
    var last = ""
    #expect(
      try eventually {
        let next = try endpoint.accept()
        last = try next.receive(4)
        if last == "TWO\n" { try next.send("SSH-2.0-there\r\n") }
        return last == "TWO\n"
      }, "\(last)")
    #expect(eventually { connect.output == "SSH-2.0-there\r\n" }, "\(connect.errors)")
  }

  @Test(arguments: [true, false])
  func sleepingMachineIsWokenOnItsStoredSession(fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    let first = try testHome.ssh(["dm-abc.dedalus", "echo $USER"])
    #expect(first.status == 0, "\(first)")
    let calls = try simulator.requests().count
    try simulator.scenario(#"{"dedalus": {"asleep": true}}"#)
    let second = try testHome.ssh(["dm-abc.dedalus", "echo $USER"])
    #expect(second.status == 0, "\(second)")
    #expect(second.output == first.output)
    #expect(second.errors == "")
    let asked = try simulator.requests().dropFirst(calls)
    #expect(!asked.isEmpty && asked.allSatisfy { $0.method == "GET" })
  }

  /// The host `lab` refuses, for as long as a deadline of two seconds.
  private func refuse() throws {
    try testHome.configureLab(port: simulator.ports["plain"] ?? 0, connection: "deadline = 2")
    try simulator.scenario(#"{"plain": {"endpoint": "refused"}}"#)
  }

  @Test func deadlineEndsTheWait() throws {
    try refuse()
    let end = try testHome.sshproxy(["connect", "lab"])
    try end.expectTime(within: 3.5)
    #expect(end.status == 75 && end.seconds >= 1.5, "\(end)")
    #expect(end.errorLines("sshproxy: error: lab: ").count == 1, "\(end)")
    #expect(end.errorLines("sshproxy: hint: ").count == 1, "\(end)")
    #expect(end.output == "")
  }
}
