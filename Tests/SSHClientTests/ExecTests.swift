import SSHClient
import SystemIO
import TestSupport
import Testing

@Suite(.timed) struct ExecTests {
  @Test(arguments: [
    ("true", 0), ("false", 1), ("exit 42", 42), ("exit 255", 255), ("kill -TERM $$", 143),
    ("kill -KILL $$", 137), ("/no/such/command", 127),
  ])
  func statusIsPassedOn(command: String, status: Int32) throws {
    let server = try Server()
    #expect(try Client.run(command, on: server).status == status)
  }

  @Test func streamsStayApart() throws {
    let server = try Server()
    let outcome = try Client.run("cat; echo oops >&2; exit 3", input: "hello\n", on: server)
    #expect(outcome.text == "hello\n")
    #expect(outcome.errors == Array("oops\n".utf8))
    #expect(outcome.status == 3)
  }
}
