import SSHClient
import SystemIO
import TestSupport
import Testing

/// Much data, ends of either side, and connections that die.
@Suite(.timed) struct StreamTests {
  /// A text whose every part differs.
  private static let megabytes: String = (0..<400_000).map { "line \($0) of many\n" }.joined()

  @Test func largeInputComesBackWhole() throws {
    let server = try Server()
    let outcome = try Client.run("cat", input: Self.megabytes, on: server)
    #expect(outcome.output == Array(Self.megabytes.utf8))
    #expect(outcome.status == 0)
  }

  @Test func keysAreExchangedAnewInTheMiddle() throws {
    let server = try Server(settings: { _ in ["RekeyLimit 1M"] })
    let outcome = try Client.run("cat", input: Self.megabytes, on: server)
    #expect(outcome.output == Array(Self.megabytes.utf8))
  }

  @Test func bothOutputsAtOnce() throws {
    let server = try Server()
    let command =
      "cat >/dev/null; for i in 1 2 3 4; do head -c 2000000 /dev/zero;"
      + " head -c 2000000 /dev/zero >&2; done; exit 5"
    let outcome = try Client.run(command, input: Self.megabytes, on: server)
    #expect(outcome.output.count == 8_000_000)
    #expect(outcome.errors.count == 8_000_000)
    #expect(outcome.status == 5)
  }

  @Test func endOfInputReachesTheCommandAndItsAnswerComesBack() throws {
    let server = try Server()
    let outcome = try Client.run("wc -c; sleep 0.1; echo late", input: "12345", on: server)
    #expect(outcome.text == "5\nlate\n")
  }

  @Test func commandThatReadsNothingEnds() throws {
    let server = try Server()
    let outcome = try Client.run("exit 6", input: Self.megabytes, on: server)
    #expect(outcome.status == 6)
  }

  @Test func commandGoesOnAfterItsOutputsHaveEnded() throws {
    let server = try Server()
    let file = server.folder.path(of: "taken")
    let outcome = try Client.run(
      "exec >&- 2>&-; cat > '\(file)'; exit 8", input: Self.megabytes, on: server)
    #expect(outcome.status == 8)
    #expect(server.folder.read("taken") == Self.megabytes)
  }

  @Test func errorsThatNobodyReadsHoldNothingUp() throws {
    let server = try Server()
    let channel = try Client.login(server).execute("head -c 10000000 /dev/zero >&2; echo done")
    let folder = try TemporaryDirectory("exec")
    let nothing = try Descriptor.open("/dev/null", flags: O_RDONLY)
    let output = try Descriptor.open(folder.path(of: "out"), flags: O_RDWR | O_CREAT)
    let errors = try Pipe().intoWriting()
    let status = try channel.run(
      input: nothing.number, output: output.number, error: errors.number)
    #expect(status == 0)
    #expect(folder.read("out") == "done\n")
  }

  @Test func readerThatLeavesEndsIt() throws {
    let server = try Server()
    let channel = try Client.login(server).execute("yes")
    let nothing = try Descriptor.open("/dev/null", flags: O_RDONLY)
    let output = try Pipe().intoWriting()
    let status = try channel.run(
      input: nothing.number, output: output.number, error: nothing.number)
    #expect(status == 128 + SIGPIPE)
  }

  @Test func fullDiskIsSaid() throws {
    let server = try Server()
    let channel = try Client.login(server).execute("yes")
    let nothing = try Descriptor.open("/dev/null", flags: O_RDONLY)
    let full = try Descriptor.open("/dev/full", flags: O_WRONLY)
    let found = failure {
      _ = try channel.run(input: nothing.number, output: full.number, error: nothing.number)
    }
    #expect(found?.kind == .inputOutput)
  }

  @Test func connectionThatDiesIsSaid() throws {
    let server = try Server()
    // The command's parent is the server's process for this connection.
    let channel = try Client.login(server).execute("kill -9 $PPID")
    let nothing = try Descriptor.open("/dev/null", flags: O_RDWR)
    let found = failure {
      _ = try channel.run(
        input: nothing.number, output: nothing.number, error: nothing.number)
    }
    #expect(found?.kind == .unreachable)
  }

  @Test func deadServerIsNoticed() throws {
    let server = try Server()
    let session = try Client.session(server, keepalive: 1000)
    try session.logIn(
      as: Server.login, identityFiles: [server.folder.path(of: "user")], agent: nil)
    // A stopped process keeps its connections and answers nothing.
    let file = server.folder.path(of: "processes")
    let channel = try session.execute(
      "echo $PPID $$ > '\(file)'; kill -STOP $PPID; exec sleep 60")
    let nothing = try Descriptor.open("/dev/null", flags: O_RDWR)
    let found = failure {
      _ = try channel.run(
        input: nothing.number, output: nothing.number, error: nothing.number)
    }
    #expect(found?.kind == .unreachable)
    #expect(eventually { server.folder.read("processes")?.hasSuffix("\n") == true })
    for number in (server.folder.read("processes") ?? "").split(whereSeparator: \.isWhitespace) {
      if let process = pid_t(number) { kill(process, SIGKILL) }
    }
  }

  @Test func silentServerThatAnswersStaysConnected() throws {
    let server = try Server()
    let session = try Client.session(server, keepalive: 2000)
    try session.logIn(
      as: Server.login, identityFiles: [server.folder.path(of: "user")], agent: nil)
    // Longer than a server that answers nothing would be waited for.
    let channel = try session.execute("sleep 7; exit 9")
    let nothing = try Descriptor.open("/dev/null", flags: O_RDWR)
    let status = try channel.run(
      input: nothing.number, output: nothing.number, error: nothing.number)
    #expect(status == 9)
  }
}
