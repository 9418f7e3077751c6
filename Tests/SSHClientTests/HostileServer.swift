import OpenSSH
import SSHClient
import SystemIO
import TestSupport

extension HostileServer {
  /// A session that is logged in; the server takes any key.
  func login(
    as login: String = "user", until deadline: Moment = Client.soon,
    caller: HangUpMonitor = Client.caller
  ) throws -> SSHSession {
    guard let address = SocketAddress(host: "127.0.0.1", port: port) else {
      throw Unexpected("no address")
    }
    let session = try SSHSession(
      over: try Client.dial(address), peer: address, proof: Client.credulous, until: deadline,
      caller: caller)
    try session.logIn(as: login, key: try KeyPair.generate(.ed25519), certificate: nil)
    return session
  }

  /// Runs a command without input.
  /// - Parameter output: `nil` where nobody wants it.
  func run(
    _ command: String, as login: String = "user", output: Int32? = nil,
    until deadline: Moment = Client.soon, caller: HangUpMonitor = Client.caller
  ) throws -> Int32 {
    let channel = try self.login(as: login, until: deadline, caller: caller).execute(command)
    let nothing = try Descriptor.open("/dev/null", flags: O_RDWR)
    return try channel.run(
      input: nothing.number, output: output ?? nothing.number, error: nothing.number)
  }
}
