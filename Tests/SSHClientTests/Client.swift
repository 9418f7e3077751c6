import Dialing
import OpenSSH
import SSHClient
import SystemIO
import TestSupport

/// What a test does with a server through the module under test.
enum Client {
  /// As both programs do: a vanished reader is an error of a write, not the end.
  static var caller: HangUpMonitor {
    signal(SIGPIPE, SIG_IGN)
    return .nobody
  }
  static var soon: Moment { Moment.now + 60_000 }

  static func dial(_ address: SocketAddress) throws -> Descriptor {
    return try DialAttempt(to: DialDestination([address]), until: soon).connect(caller: caller)
  }

  /// Trust that takes what it sees.
  static var credulous: HostProof { .pinned([], host: "a test's server") { [$0] } }

  static func session(
    _ server: Server, proof: HostProof = credulous, keepalive: Int = 30_000
  ) throws -> SSHSession {
    let address = try server.address
    return try SSHSession(
      over: try dial(address), peer: address, proof: proof, until: soon, caller: caller,
      keepalive: keepalive)
  }

  /// A session that is logged in with the user's key.
  static func login(_ server: Server, proof: HostProof = credulous) throws -> SSHSession {
    let session = try session(server, proof: proof)
    try session.logIn(
      as: Server.login, identityFiles: [server.folder.path(of: "user")], agent: nil)
    return session
  }

  /// Whether a session that is logged in is one: it runs a command.
  static func works(_ session: borrowing SSHSession) throws -> Bool {
    let channel = try session.execute("exit 4")
    let nothing = try Descriptor.open("/dev/null", flags: O_RDWR)
    return try channel.run(
      input: nothing.number, output: nothing.number, error: nothing.number) == 4
  }

  struct Outcome {
    var status: Int32
    var output: [UInt8]
    var errors: [UInt8]

    var text: String { String(decoding: output, as: UTF8.self) }
  }

  /// Runs a command with files as its streams.
  static func run(
    _ command: String, input: String = "", on server: Server, proof: HostProof = credulous
  ) throws -> Outcome {
    let folder = try TemporaryDirectory("exec")
    try folder.write(input, to: "in")
    let session = try login(server, proof: proof)
    let channel = try session.execute(command)
    let flags = O_RDWR | O_CREAT
    let source = try Descriptor.open(folder.path(of: "in"), flags: O_RDONLY)
    let output = try Descriptor.open(folder.path(of: "out"), flags: flags)
    let errors = try Descriptor.open(folder.path(of: "err"), flags: flags)
    let status = try channel.run(
      input: source.number, output: output.number, error: errors.number)
    lseek(output.number, 0, SEEK_SET)
    lseek(errors.number, 0, SEEK_SET)
    return Outcome(
      status: status, output: try output.readAll(limit: 1 << 30) ?? [],
      errors: try errors.readAll(limit: 1 << 30) ?? [])
  }
}
