import Foundation
import SystemIO
import TestSupport
import Testing

/// Programs that we start, and conversations with them.
@Suite struct ChildTests {
  private func talk(
    _ script: String, input: String = "", limit: Int = 1000, milliseconds: Int = 5000,
    environment: [String] = ["PATH=/usr/bin:/bin"],
    caller: HangUpMonitor = .nobody
  ) throws(Failure) -> (status: Int32, output: [UInt8]) {
    try Conversation(
      path: "/bin/sh", arguments: ["sh", "-c", script], environment: environment, limit: limit
    ).run(input: .bytes(Array(input.utf8)), until: .now + milliseconds, caller: caller)
  }

  @Test func statusAndOutput() throws {
    let (status, output) = try talk(
      "cat; echo $NAME; exit 3", input: "in\n", environment: ["NAME=x"])
    #expect(status == 3)
    #expect(String(decoding: output, as: UTF8.self) == "in\nx\n")
  }

  /// Standard error goes where it is told to, and a program without input need not be given a pipe.
  @Test func errorsAndInputGoWhereTheyShould() throws {
    func talk(_ input: Conversation.Input, _ errors: Conversation.Errors) throws -> String {
      let script = "echo said >&2; [ -S /dev/stdin ] && echo socket || readlink /proc/self/fd/0"
      var pieces: [UInt8] = []
      let (_, output) = try Conversation(
        path: "/bin/sh", arguments: ["sh", "-c", script], environment: ["PATH=/usr/bin:/bin"],
        limit: 1000, errors: errors
      ).run(input: input, until: .now + 5000, caller: .nobody) { pieces += $0 }
      #expect(pieces == output)
      return String(decoding: output, as: UTF8.self)
    }
    #expect(try talk(.nothing, .nowhere) == "/dev/null\n")
    #expect(try talk(.nothing, .output) == "said\n/dev/null\n")
    #expect(try talk(.bytes([]), .nowhere).hasPrefix("pipe:"))
    #expect(try talk(.socket, .output) == "said\nsocket\n")
  }

  @Test func signalsAreStatuses() throws {
    #expect(try talk("kill -9 $$").status == 137)
  }

  /// Both directions at once, each more than a pipe holds.
  @Test func muchInputAndOutput() throws {
    let input = String(repeating: "0123456789abcdef", count: 20_000)
    let (status, output) = try talk("cat", input: input, limit: 400_000)
    #expect(status == 0)
    #expect(output == Array(input.utf8))
  }

  @Test func inputNeedNotBeRead() throws {
    signal(SIGPIPE, SIG_IGN)
    let input = String(repeating: "x", count: 300_000)
    let (status, output) = try talk("echo done", input: input)
    #expect(status == 0)
    #expect(output == Array("done\n".utf8))
  }

  @Test(.timed) func tooMuchOutput() throws {
    let (found, time) = seconds { failure { try talk("yes", limit: 100) } }
    try expectTime(time, within: 3)
    #expect(found?.kind == .invalidResponse)
  }

  @Test(.timed) func deadline() throws {
    let (found, time) = seconds { failure { try talk("sleep 20", milliseconds: 100) } }
    try expectTime(time, within: 3)
    #expect(found?.kind == .temporary)
  }

  /// The deadline holds for a program that has said everything and does not end.
  @Test(.timed) func deadlineAfterTheOutput() throws {
    let (found, time) = seconds {
      failure { try talk("echo done; exec >&-; sleep 20", milliseconds: 300) }
    }
    try expectTime(time, within: 3)
    #expect(found?.kind == .temporary)
  }

  /// And for one that always has something to say.
  @Test(.timed) func deadlineOfAProgramThatGoesOnPrinting() throws {
    let (found, time) = seconds {
      failure { try talk("while :; do echo; sleep 0.02; done", milliseconds: 300) }
    }
    try expectTime(time, within: 3)
    #expect(found?.kind == .temporary)
  }

  /// And for one that ignores the signal to end.
  @Test(.timed) func deadlineOfAStubbornProgram() throws {
    let (found, time) = seconds {
      failure { try talk("trap '' TERM; sleep 20; sleep 20", milliseconds: 100) }
    }
    try expectTime(time, within: 3)
    #expect(found?.kind == .temporary)
  }

  /// With a script goes what it has started.
  @Test(
    .enabled(if: !BuiltProgram.isPortable),
    arguments: [
      "sleep 99; exit", "(sleep 99; exit) & wait", "trap '' TERM; sleep 99; sleep 99",
    ])
  func nothingOfItStays(_ script: String) throws {
    let folder = try TemporaryDirectory("children")
    let mark = folder.path(of: "mark")
    let found = failure { try talk("exec 9>'\(mark)'; \(script)", milliseconds: 300) }
    #expect(found?.kind == .temporary && found?.step == "run sh")
    func isOpen(_ process: String) -> Bool {
      let target = try? FileManager.default.destinationOfSymbolicLink(
        atPath: "/proc/\(process)/fd/9")
      return target == mark
    }
    #expect(
      eventually {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return !all.contains(where: isOpen)
      })
  }

  /// It may be done with its output before it has read its input.
  @Test func inputEndsAfterTheOutput() throws {
    let input = String(repeating: "x", count: 1 << 20)
    let (status, _) = try talk(
      "exec >&-; sleep 0.1; cat 2>/dev/null >/dev/null; exit 4", input: input)
    #expect(status == 4)
  }

  @Test func cancelled() throws {
    let output = try Pipe().intoWriting()
    let found = failure { try talk("sleep 20", caller: HangUpMonitor(output: output.number)) }
    #expect(found?.kind == .cancelled)
  }

  @Test func programThatIsNotThere() throws {
    let conversation = Conversation(
      path: "/nowhere/x", arguments: ["x"], environment: [], limit: 10)
    let found = failure {
      try conversation.run(input: .nothing, until: .now + 1000, caller: .nobody)
    }
    #expect(found?.kind == .inputOutput)
    #expect(found?.message == "no such file or directory")
  }

  @Test func descriptorsOfOursStayOurs() throws {
    let secret = try Descriptor.open("/etc/passwd", flags: O_RDONLY)
    let script = "[ -e /proc/self/fd/\(secret.number) ] && echo open || echo closed"
    #expect(try talk(script).output == Array("closed\n".utf8))
  }

  @Test func ownerEndsItsChild() throws {
    let identifier = try startAndForget()
    #expect(kill(identifier, 0) == -1 && errno == ESRCH)
  }

  private func startAndForget() throws -> pid_t {
    let child = try Child(path: "/bin/sleep", arguments: ["sleep", "20"], environment: [])
    return child.identifier
  }
}
