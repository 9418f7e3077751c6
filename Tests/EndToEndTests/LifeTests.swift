import Foundation
import SystemIO
import TestSupport
import Testing

/// Sessions that run out, and connections that outlive the ssh that made them.
@Suite(.serialized, .timed) struct LifeTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  @Test func sessionIsRenewedBeforeItRunsOut() throws {
    try testHome.setUp()
    let first = try testHome.ssh(["sb1.prime", "echo $USER"])
    #expect(first.status == 0, "\(first)")
    // Of 900 s.
    try testHome.home.age("sb1.prime", by: 875)
    let second = try testHome.ssh(["sb1.prime", "echo $USER"])
    #expect(second.status == 0 && second.output != first.output, "\(second)")
    #expect(second.errors == "")
    #expect(try creations().count == 2)
    let sessions = testHome.home.names(in: "\(TestHome.state)/sessions/sb1.prime")
    #expect(sessions.filter { !["current", "lock"].contains($0) }.count <= 2, "\(sessions)")
  }

  @Test func sessionThatCannotBeRenewedIsUsedToItsEnd() throws {
    try testHome.setUp()
    let first = try testHome.ssh(["sb1.prime", "echo $USER"])
    try simulator.scenario(
      #"{"faults": [{"method": "POST", "path": "/ssh-session$", "times": -1, "status": 400}]}"#)
    try testHome.home.age("sb1.prime", by: 875)
    let last = try testHome.ssh(["sb1.prime", "echo $USER"])
    #expect(try creations().count > 1)
    #expect(last.status == 0, "\(last)")
    #expect(last.output == first.output)
    #expect(last.errors == "")
  }

  /// A home that was moved: what ssh reads names its files where they are now, without a new session.
  @Test(arguments: [Machine.primeToken, .dedalus])
  func sessionOfAMovedHomeIsWrittenAnew(machine: Machine) throws {
    try testHome.setUp()
    let first = try testHome.ssh([machine.alias, "echo $USER"])
    #expect(first.status == 0, "\(first)")
    let calls = try simulator.requests().count
    try FileManager.default.createDirectory(
      atPath: testHome.home.path(of: "moved"), withIntermediateDirectories: false,
      attributes: [.posixPermissions: 0o700])
    for name in [".local", ".config"] {
      try FileManager.default.moveItem(
        atPath: testHome.home.path(of: name), toPath: testHome.home.path(of: "moved/\(name)"))
    }
    testHome.environment["HOME"] = testHome.home.path(of: "moved")
    try testHome.setUp()
    let second = try testHome.ssh([machine.alias, "echo $USER"])
    #expect(second.status == 0 && second.errors == "", "\(second)")
    #expect(second.output == first.output)
    #expect(try simulator.requests().count == calls)
    // The key that was pinned is the session's still.
    let folder = "moved/\(TestHome.state)/sessions/\(machine.alias)"
    #expect(testHome.home.read("\(folder)/current/known_hosts")?.isEmpty == false)
    let name = try testHome.sshproxy(["resolve", "--json", machine.alias]).output
    #expect(try testHome.ssh([machine.alias, "true"]).status == 0)
    #expect(try testHome.sshproxy(["resolve", "--json", machine.alias]).output == name)
  }

  /// The same directory by another path is no move.
  @Test func sessionIsInPlaceByEveryPath() throws {
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    let folder = "\(TestHome.state)/sessions/sb1.prime"
    let before = testHome.home.names(in: folder)
    symlink(".", testHome.home.path(of: "link"))
    testHome.environment["HOME"] = testHome.home.path(of: "link")
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    #expect(testHome.home.names(in: folder) == before)
  }

  @Test func sessionOfALongExpiredRecordIsSwept() throws {
    try testHome.setUp()
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    let folder = "\(TestHome.state)/sessions/sb1.prime"
    let old = try #require(
      testHome.home.names(in: folder).first { !["current", "lock"].contains($0) })
    let generated = "\(TestHome.state)/ssh_config"
    #expect(testHome.home.read(generated)?.contains(old) == true)
    try testHome.home.age("sb1.prime", by: 10_000)
    #expect(try testHome.sshproxy(["prepare", "sb2.prime"]).status == 0)
    #expect(!testHome.home.exists("\(folder)/\(old)"))
    #expect(testHome.home.read(generated)?.contains(old) == false)
  }

  /// ssh reads the generated configuration for every host, so a block that went bad on the disk
  /// must not reach it, nor take the others along.
  @Test(arguments: [
    "", "Host *\n", "  ProxyCommand x\n", "\nMatch originalhost dm-abc.dedalus\n  User x\n", "\n",
    "\u{0}",
  ])
  func damagedBlockIsLeftOut(more: String) throws {
    try testHome.setUp()
    for alias in ["sb1.prime", "dm-abc.dedalus"] {
      #expect(try testHome.sshproxy(["prepare", alias]).status == 0)
    }
    let stored = "\(TestHome.state)/sessions/sb1.prime/current/ssh_config"
    let block = try #require(testHome.home.read(stored))
    try testHome.home.write(more.isEmpty ? String(block.dropLast(9)) : block + more, to: stored)
    #expect(try testHome.sshproxy(["prepare", "sb2.prime"]).status == 0)

    let generated = testHome.home.read("\(TestHome.state)/ssh_config") ?? ""
    let heads = generated.split(separator: "\n").filter { $0.hasPrefix("Host ") }
    #expect(heads == ["Host dm-abc.dedalus", "Host sb2.prime"])
    for alias in ["other.example", "dm-abc.dedalus", "sb2.prime"] {
      #expect(try testHome.ssh(["-G", alias]).status == 0)
    }
  }

  @Test(arguments: [true, false])
  func backgroundedSSHGoesOn(fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    let mark = testHome.home.path(of: "mark")
    let end = try testHome.ssh([
      "-f", "sb1.prime", "until [ -e '\(mark)' ]; do sleep 0.05; done; echo $USER > '\(mark).user'",
    ])
    #expect(end.status == 0, "\(end)")
    #expect(eventually { testHome.proxies.count == (fdpass ? 0 : 1) }, "\(testHome.proxies)")
    try testHome.home.write("", to: "mark")
    #expect(eventually { testHome.home.read("mark.user")?.isEmpty == false })
    #expect(eventually { testHome.processes.isEmpty }, "\(testHome.processes)")
    #expect(testHome.home.read("mark.user") == (try Machine.primeToken.login(at: simulator)) + "\n")
  }

  @Test(arguments: [true, false])
  func controlMasterOutlivesItsFirstSSH(fdpass: Bool) throws {
    try testHome.setUp(fdpass: fdpass)
    let control = ["-o", "ControlPath=\(testHome.home.path)/ctl"]
    let persist = control + ["-o", "ControlMaster=auto", "-o", "ControlPersist=30"]
    let first = try testHome.ssh(persist + ["dm-abc.dedalus", "echo $USER"])
    #expect(first.status == 0, "\(first)")
    // The provider forgets the session, so what still works is the connection of before.
    let sessions = try simulator.state().dedalus.sessions
    for session in sessions { try simulator.forget(session.id) }
    let second = try testHome.ssh(persist + ["dm-abc.dedalus", "echo $USER"])
    #expect(second.status == 0, "\(second)")
    #expect(second.output == first.output)
    #expect(eventually { testHome.proxies.count == (fdpass ? 0 : 1) }, "\(testHome.proxies)")
    let stop = try testHome.ssh(control + ["-O", "exit", "dm-abc.dedalus"])
    #expect(stop.status == 0, "\(stop)")
    #expect(eventually { testHome.processes.isEmpty }, "\(testHome.processes)")
  }

  /// Where nothing can be written, what is revoked is wiped all the same, and the next ssh makes a new session.
  @Test func closeOnAFullDiskWipesWhatItRevokes() throws {
    try testHome.setUp()
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    let program = BuiltProgram.sshproxy
    // No file can be written; what is said goes into a pipe.
    _ = try testHome.shell("(ulimit -f 0; exec '\(program)' close sb1.prime 2>&1) | cat")
    #expect(try simulator.state().prime.sessions.isEmpty)
    let folder = "\(TestHome.state)/sessions/sb1.prime"
    #expect(!testHome.home.exists("\(folder)/current"), "\(testHome.home.names(in: folder))")
    #expect(testHome.home.names(in: folder).allSatisfy { $0 == "lock" })
    #expect(try testHome.sshproxy(["sessions"]).output == "")
    #expect(try testHome.ssh(["sb1.prime", "true"]).status == 0)
    #expect(try creations().count == 2)
  }

  private func creations() throws -> [Simulator.Request] {
    try simulator.requests().filter { $0.method == "POST" && $0.path.hasSuffix("/ssh-session") }
  }
}
