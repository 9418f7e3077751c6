internal import CLibSSH2
internal import OpenSSH
internal import Relay
public import SystemIO

/// An SSH session over a connected socket. `init` sets up the transport and verifies the host key
/// (RFC 4253); then come a login (RFC 4252) and channels (RFC 4254).
public struct SSHSession: ~Copyable {
  let connection: Connection
  let caller: HangUpMonitor
  let deadline: Moment

  /// Exchanges keys and verifies the server's identity.
  /// - Parameters:
  ///   - socket: connected and non-blocking.
  ///   - peer: the address that `socket` is connected to.
  ///   - deadline: for everything until a channel is open.
  ///   - handshake: an earlier deadline for the key exchange, after which it is better to dial again.
  ///   - keepalive: how often a silent server is sent a keepalive, in milliseconds; after three
  ///     without an answer the connection is dead. `[connection] keepalive` is not asked: it is ssh's, where
  ///     0 leaves it to the user's own configuration, which nobody reads here.
  /// - Throws: `.temporary` when the server hangs up or stays silent, so that another try may help;
  ///   `.invalidResponse` when its key is refused, no algorithm is common, or it sends too much that nobody
  ///   has asked for; `.cancelled`, `.internalError`.
  public init(
    over socket: consuming Descriptor, peer: SocketAddress,
    proof: HostProof, until deadline: Moment, handshake: Moment? = nil, caller: HangUpMonitor,
    keepalive: Int = 30_000
  ) throws(Failure) {
    let scan = HostCertificateScan(address: peer, deadline: deadline, caller: caller)
    let number = socket.number
    let connection = try Connection(
      Transport(socket), keepaliveInterval: keepalive)
    connection.transport.waitsForAgent = { socket, events in
      var items = [pollfd(fd: socket, events: Int16(events), revents: 0)]
      return (try? caller.wait(for: &items, until: deadline)) ?? false
    }
    let step = "exchange keys"
    let limit = min(handshake ?? deadline, deadline)
    // Another connection, the scan's, would wait for a server that sleeps without telling us.
    if proof.needsScan { try connection.awaitGreeting(step, until: limit, caller: caller) }
    try Preferences.set(in: connection, hostKeys: try proof.hostKeyAlgorithms(scan))
    let result = try connection.complete(step, until: limit, caller: caller) {
      libssh2_session_handshake($0, number)
    }
    guard result == 0 else {
      throw Failure(
        .invalidResponse, step: step, connection.lastError,
        hint: "the server and libssh2 \(Self.version) may have no method in common")
    }
    try proof.check(try connection.hostKey(), scan)
    self.connection = connection
    self.caller = caller
    self.deadline = deadline
  }

  /// Whether libssh2 can log in with certificates for Ed25519 keys: from 1.11 on.
  public static var takesEd25519Certificates: Bool { libssh2_version(0x010b00) != nil }

  /// The version of the libssh2 that is loaded.
  public static var version: String {
    libssh2_version(0).map { String(cString: $0) } ?? ""
  }
}
