import OpenSSH
import SSHClient
import Sessions
import SystemIO

extension ExecEntry {
  /// How long a silent server is listened to before it is dialled again, in milliseconds; doubles.
  private static let patience = 10_000

  /// Dials until the server has proved who it is. A server that refuses, hangs up or is silent
  /// before that is dialled again until the deadline: it may be starting, or have too many
  /// logins at once.
  /// - Parameter inquest: asked once what has become of the session.
  func reach(
    _ session: Session, _ stored: [SocketAddress], _ trust: HostTrust, _ inquest: ExecInquest?
  ) throws(Failure) -> SSHSession {
    guard session.jump == nil else {
      throw Failure(
        .failed, "the provider names hosts to go through (ProxyJump), which only OpenSSH can do",
        hint: "`sshproxy ssh ALIAS COMMAND` runs it through OpenSSH")
    }
    let addresses =
      stored.isEmpty
      ? try NameLookup.addresses(
        of: session.endpoint.host, port: session.endpoint.port, until: deadline, caller: caller)
      : stored
    var backoff = Backoff(first: 20, most: 1000)
    var patience = Self.patience
    while true {
      let trouble: Failure
      do throws(Failure) {
        return try attempt(session, addresses, trust, patience)
      } catch {
        guard error.kind == .busy else { throw error }
        trouble = error
      }
      context.trace("\(trouble.message); dialling again")
      try inquest?.askWhenDue()
      let next = Moment.now + backoff.next()
      guard next < deadline else { throw trouble }
      try caller.sleep(until: next)
      patience *= 2
    }
  }

  private func attempt(
    _ session: Session, _ addresses: [SocketAddress], _ trust: HostTrust, _ patience: Int
  ) throws(Failure) -> SSHSession {
    let limit = min(deadline, Moment.now + patience)
    let name = "\(session.endpoint.host) port \(session.endpoint.port)"
    var dialer = Dialer(addresses)
    let socket: Descriptor
    do {
      socket = try dialer.connect(until: limit, caller: caller)
    } catch {
      switch error {
      case .cancelled(let failure): throw failure
      case .failed(let error):
        throw Failure(
          .busy, "\(name): \(error.reason) for \(seconds) s",
          hint: "the machine may be down or still starting: run it again, "
            + "or `sshproxy check \(alias.spelling)`")
      }
    }
    context.trace("connected to \(name)")
    guard let peer = SocketAddress(peerOf: socket) ?? addresses.first else {
      throw Failure(.fault, "\(name) has no address")
    }
    return try SSHSession(
      over: socket, preamble: session.preamble, peer: peer, trust: trust, until: deadline,
      handshake: limit, caller: caller)
  }
}
