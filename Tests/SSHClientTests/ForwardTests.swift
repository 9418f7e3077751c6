import OpenSSH
import SSHClient
import SystemIO
import TestSupport
import Testing

@Suite(.timed) struct ForwardTests {
  /// The far end of the tests: a second sshd, whose banner and whose answer to nonsense are known.
  @Test func bannerOfTheFarServer() throws {
    let (near, far) = (try Server(), try Server())
    let channel = try Client.login(near).forward(host: "127.0.0.1", port: far.port)
    let folder = try TemporaryDirectory("forward")
    try folder.write("nonsense\r\n", to: "in")
    let input = try Descriptor.open(folder.path(of: "in"), flags: O_RDONLY)
    let output = try Descriptor.open(folder.path(of: "out"), flags: O_RDWR | O_CREAT)
    try channel.run(input: input.number, output: output.number)
    let said = folder.read("out") ?? ""
    #expect(said.hasPrefix("SSH-2.0-OpenSSH"))
    #expect(said.contains("Invalid SSH identification string"))
  }

  @Test func forbiddenForwardingNamesTheDirectRoute() throws {
    let server = try Server(settings: { _ in ["AllowTcpForwarding no"] })
    let session = try Client.login(server)
    let found = failure { _ = try session.forward(host: "127.0.0.1", port: server.port) }
    #expect(found?.kind == .rejected)
    #expect(found?.message.contains("administratively prohibited") == true)
    #expect(found?.hint?.contains("direct") == true)
  }

  @Test func closedFarPortIsSaid() throws {
    let server = try Server()
    let session = try Client.login(server)
    let found = failure { _ = try session.forward(host: "127.0.0.1", port: 1) }
    #expect(found?.kind == .rejected)
  }
}
