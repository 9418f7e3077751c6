import Foundation
import TestSupport
import Testing

/// `sshproxy exec`: a command there, without OpenSSH.
@Suite(.serialized, .timed) struct ExecCommandTests {
  static let shared = SharedSimulator()
  let simulator: Simulator
  let testHome: TestHome

  init() throws {
    simulator = try Self.shared.fresh()
    testHome = try TestHome.furnished(simulator)
  }

  /// The user's key where ssh has it by default.
  private func provideKey() throws {
    let end = try testHome.shell("install -D -m 600 '\(simulator.userKey)' ~/.ssh/id_ed25519")
    #expect(end.status == 0, "\(end)")
  }

  @Test(
    arguments: [Machine.primeToken, .primeVM, .dedalus, .tensorpool, .command] + Machine.instances)
  func runsOnEachMachine(_ machine: Machine) throws {
    try provideKey()
    let words = ["exec", "--accept-new", machine.alias, "--", "echo $USER; exit 42"]
    let cold = try testHome.sshproxy(words)
    #expect(cold.status == 42, "\(cold)")
    #expect(cold.errors == "")
    #expect(cold.output == (try machine.login(at: simulator)) + "\n")
    let calls = try simulator.requests().count
    let warm = try testHome.sshproxy(words)
    #expect(warm.status == 42, "\(warm)")
    #expect(try simulator.requests().count == calls)
  }

  @Test(arguments: [("true", 0), ("false", 1), ("exit 255", 255), ("kill -TERM $$", 143)])
  func statusIsPassedOn(command: String, status: Int32) throws {
    let end = try testHome.sshproxy(["exec", Machine.dedalus.alias, "--", command])
    #expect(end.status == status, "\(end)")
    #expect(end.errors == "")
  }

  @Test func wordsAreJoinedAsSSHDoes() throws {
    let end = try testHome.sshproxy(["exec", Machine.dedalus.alias, "--", "echo", "-n", "a  b"])
    #expect(end.output == "a b", "\(end)")
  }

  @Test func bytesPassUnchangedBothWays() throws {
    let program = BuiltProgram.sshproxy
    let alias = Machine.dedalus.alias
    let end = try testHome.shell(
      """
      set -o pipefail
      head -c 30000000 /dev/urandom > data
      '\(program)' exec \(alias) -- cat < data | cmp - data && echo same
      """.replacing("data", with: "'\(testHome.home.path)/data'"))
    #expect(end.output == "same\n", "\(end)")
  }

  /// The endpoint's name has other addresses by now: the provider is asked what has become of the
  /// session, and the connection goes on where it is, on the same session.
  @Test func movedAddressesAreLearnt() throws {
    let words = ["exec", Machine.dedalus.alias, "--", "echo $USER"]
    let first = try testHome.sshproxy(words)
    #expect(first.status == 0, "\(first)")
    try move(.dedalus)
    let again = try testHome.sshproxy(words)
    try again.expectTime(within: 15)
    #expect(again.status == 0 && again.output == first.output, "\(again)")
    #expect(try simulator.requests().filter { $0.method == "POST" }.count == 1)
    let warm = try testHome.sshproxy(words)
    try warm.expectTime(within: 3)
    #expect(warm.status == 0, "\(warm)")
  }

  /// The host's key is pinned where the session is by then, so that the next login compares it.
  @Test func aKeySeenAfterAMoveIsPinned() throws {
    #expect(try testHome.sshproxy(["prepare", "sb1.prime"]).status == 0)
    try move(.primeToken)
    let end = try testHome.sshproxy(["exec", "sb1.prime", "--", "true"])
    #expect(end.status == 0, "\(end)")
    let known = testHome.home.read("\(TestHome.state)/sessions/sb1.prime/current/known_hosts")
    #expect(known?.contains(" ssh-") == true, "\(known ?? "none")")
  }

  /// Has the stored session, by now a minute old, lead to where nothing listens, as if the machine had left.
  private func move(_ machine: Machine) throws {
    try testHome.home.age(machine.alias, by: 60)
    try testHome.home.rewriteRecords(of: machine.alias) { line in
      let words = line.split(separator: " ")
      return words.first == "address" ? "address 127.9.9.9 \(words[2])" : line
    }
  }

  @Test func twentyAtOnceMakeOneSession() throws {
    let program = BuiltProgram.sshproxy
    let alias = Machine.dedalus.alias
    let end = try testHome.shell(
      """
      for i in $(seq 20); do
        { '\(program)' exec \(alias) -- "exit $i"; [ $? = $i ] || echo "$i failed"; } &
      done
      wait
      """, within: 60)
    #expect(end.output == "", "\(end)")
    #expect(end.errors == "")
    #expect(try simulator.state().dedalus.sessions.count == 1)
  }

  @Test func ephemeralWritesNothingAndCloses() throws {
    let before = try testHome.snapshot()
    let end = try testHome.sshproxy(
      ["exec", "--ephemeral", Machine.dedalus.alias, "--", "echo here; exit 5"])
    #expect(end.status == 5, "\(end)")
    #expect(end.output == "here\n")
    #expect(try testHome.snapshot() == before)
    let sessions = try simulator.state().dedalus.sessions
    #expect(sessions.count == 1)
    #expect(sessions.allSatisfy { $0.closed })
  }

  @Test func ephemeralClosesWhenInterrupted() throws {
    let run = try testHome.start(
      BuiltProgram.sshproxy,
      ["exec", "--ephemeral", Machine.dedalus.alias, "--", "echo up; sleep 60"])
    #expect(eventually { run.output == "up\n" })
    run.signal(15)
    let end = run.end()
    #expect(end.status == 143, "\(end)")
    #expect(try simulator.state().dedalus.sessions.map(\.closed) == [true])
  }

  /// nohup(1), and a shell's job in the background: what was ignored from the start is none of its business.
  @Test(arguments: [("HUP", SIGHUP), ("INT", SIGINT)])
  func ephemeralGoesOnThroughIgnoredSignals(_ name: String, _ number: Int32) throws {
    let run = try testHome.start(
      "/bin/sh",
      [
        "-c", "trap '' \(name); exec \"$@\"", "sh", BuiltProgram.sshproxy, "exec", "--ephemeral",
        Machine.dedalus.alias, "--", "echo up; sleep 1; echo down",
      ])
    #expect(eventually { run.output == "up\n" })
    run.signal(number)
    let end = run.end()
    #expect(end.status == 0 && end.output == "up\ndown\n", "\(end)")
  }

  /// The reader of the output ends the command, and not what closes the session.
  @Test func ephemeralClosesWhenItsReaderHasLeft() throws {
    let end = try testHome.shell(
      "'\(BuiltProgram.sshproxy)' exec --ephemeral \(Machine.dedalus.alias) -- yes | head -1")
    #expect(end.output == "y\n" && !end.errors.contains("could not be closed"), "\(end)")
    #expect(try simulator.state().dedalus.sessions.map(\.closed) == [true])
  }

  /// A session that is being made stays with nobody: there is no later call to take it up.
  @Test func ephemeralClosesWhatIsNotReadyYet() throws {
    try simulator.scenario(#"{"dedalus.wake_polls": 10000}"#)
    let run = try testHome.start(
      BuiltProgram.sshproxy, ["exec", "--ephemeral", Machine.dedalus.alias, "--", "true"])
    // By then it knows of the session.
    #expect(
      try eventually {
        try simulator.requests().contains { $0.method == "GET" && $0.path.contains("/ssh/") }
      })
    run.signal(2)
    let end = run.end()
    #expect(end.status == 130, "\(end)")
    #expect(try simulator.state().dedalus.sessions.map(\.closed) == [true])
  }

  /// As with ssh, the reader of the output may leave before the command has written anything.
  @Test(arguments: ["exec %a --", "ssh %a -F '%c'"])
  func aReaderThatLeavesDoesNotKeepTheCommandFromRunning(_ words: String) throws {
    let call = words.replacing("%a", with: Machine.dedalus.alias)
      .replacing("%c", with: testHome.sshConfiguration)
    let mark = testHome.home.path(of: "mark")
    let end = try testHome.shell(
      "'\(BuiltProgram.sshproxy)' \(call) \"touch '\(mark)'\" | true; echo ${PIPESTATUS[0]}")
    #expect(end.output == "0\n" && testHome.home.exists("mark"), "\(end)")
  }

  /// The parent waits for the status, the reader for the output: while one of them is there, it goes on, and no server
  /// keeps it when both are gone, one that says nothing or one that sends what is ignored without end.
  @Test(arguments: [true, false], [true, false])
  func endsWhenParentAndReaderAreGone(isFlooded: Bool, parentFirst: Bool) throws {
    try provideKey()
    let server = try HostileServer()
    try testHome.configureLab(port: Int(server.port))
    try testHome.home.write(
      "[127.0.0.1]:\(server.port) \(server.keyLine)\n", to: ".ssh/known_hosts")
    let alias = isFlooded ? "lab" : Machine.dedalus.alias
    #expect(try testHome.sshproxy(["prepare", alias]).status == 0)
    let pipe = try OpenPipe()
    let words = "exec \(alias) -- \(isFlooded ? "ignore" : "sleep 30")"
    let parent = try testHome.start(
      "/bin/sh", ["-c", "'\(BuiltProgram.sshproxy)' \(words) & wait"], output: pipe.writing)
    func runs(_ mark: String = "Name:") -> Bool {
      testHome.proxies.contains {
        let status = try? String(contentsOfFile: "/proc/\($0.identifier)/status", encoding: .utf8)
        return status?.contains(mark) == true
      }
    }
    // It is confined once the command runs.
    #expect(eventually { runs("Seccomp:\t2") })
    if parentFirst { parent.signal(SIGKILL) } else { pipe.closeReading() }
    Thread.sleep(forTimeInterval: 0.7)
    #expect(runs())
    if parentFirst { pipe.closeReading() } else { parent.signal(SIGKILL) }
    #expect(eventually(within: 5) { !runs() })
  }

  /// Before the command runs the parent alone counts: also where each wait finds another message that is ignored.
  @Test func endsWithItsParentWhileItLogsIn() throws {
    try provideKey()
    let server = try HostileServer()
    try testHome.configureLab(port: Int(server.port))
    try testHome.home.write(
      "[127.0.0.1]:\(server.port) \(server.keyLine)\n", to: ".ssh/known_hosts")
    let call = "'\(BuiltProgram.sshproxy)' -v exec trickle@lab -- true & wait"
    let parent = try testHome.start("/bin/sh", ["-c", call])
    #expect(eventually { parent.errors.contains("connected") })
    Thread.sleep(forTimeInterval: 1)
    parent.signal(SIGKILL)
    #expect(eventually(within: 5) { testHome.proxies.isEmpty })
  }

  @Test func unknownHostIsRefusedUntilAccepted() throws {
    try provideKey()
    let words = [Machine.tensorpool.alias, "--", "echo in"]
    let refused = try testHome.sshproxy(["exec"] + words)
    #expect(refused.status == 255, "\(refused)")
    #expect(refused.output == "")
    #expect(refused.errorLines("sshproxy: error:").count == 1)
    #expect(refused.errorLines("sshproxy: hint:").count == 1)
    #expect(!testHome.home.exists(".ssh/known_hosts"))
    let accepted = try testHome.sshproxy(["exec", "--accept-new"] + words)
    #expect(accepted.output == "in\n", "\(accepted)")
    #expect(try testHome.sshproxy(["exec"] + words).output == "in\n")
  }

  /// libcurl is loaded for a request, and for nothing else.
  @Test func aStoredSessionNeedsNoLibcurl() throws {
    #expect(try testHome.sshproxy(["prepare", "sb7.prime"]).status == 0)
    try testHome.home.write("no library", to: "lib/libcurl.so.4")
    testHome.environment["LD_LIBRARY_PATH"] = testHome.home.path(of: "lib")
    let warm = try testHome.sshproxy(["exec", "sb7.prime", "--", "true"])
    #expect(warm.status == 0, "\(warm)")
    let end = try testHome.sshproxy(["prepare", "sb1.prime"])
    #expect(end.status == 70, "\(end)")
    let errors = end.errorLines("sshproxy: error: sb1.prime: ")
    #expect(errors.count == 1 && errors[0].contains("libcurl cannot be loaded"), "\(end)")
    #expect(end.errorLines("sshproxy: hint: ").count == 1, "\(end)")
    let check = try testHome.sshproxy(["check"])
    #expect(check.status != 0 && check.output.contains("libcurl cannot be loaded"), "\(check)")
  }

  @Test func missingCommandIsAUsageError() throws {
    let end = try testHome.sshproxy(["exec", Machine.dedalus.alias])
    #expect(end.status == 64, "\(end)")
    #expect(try simulator.requests().isEmpty)
  }

  @Test func fullDiskIsSaid() throws {
    let program = BuiltProgram.sshproxy
    let end = try testHome.shell("'\(program)' exec \(Machine.dedalus.alias) -- yes > /dev/full")
    #expect(end.status == 74, "\(end)")
    #expect(end.errorLines("sshproxy: error:").count == 1)
  }

  @Test func connectionThatDiesIs255WithOneLine() throws {
    let end = try testHome.sshproxy(["exec", Machine.dedalus.alias, "--", "kill -9 $PPID"])
    #expect(end.status == 255, "\(end)")
    #expect(end.errorLines("sshproxy: error:").count == 1)
  }
}
