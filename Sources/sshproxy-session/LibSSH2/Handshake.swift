import OpenSSH
import SSHClient
import Sessions
import SystemIO

extension SSHConnector {
  /// How long to wait for a silent server before dialling again, in milliseconds; doubles.
  private static let patience = 10_000

  /// Dials until a server has proved its identity. One that refuses, hangs up or stays silent
  /// before that is dialled again until the deadline: it may still be starting, or be busy with
  /// too many logins at once.
  /// - Parameters:
  ///   - stored: the addresses that were stored with the session; if none, the name is looked up.
  ///   - probe: asks the provider once what has become of the session.
  /// - Throws: `.temporary` at the deadline, `.rejected` for a session behind a ProxyJump, and what
  ///   `SSHSession.init` throws.
  func handshake(
    _ session: Session, _ stored: [SocketAddress], _ trust: HostTrust, _ probe: EndpointProbe?
  ) throws(Failure) -> SSHSession {
    guard session.jump == nil else {
      throw Failure(
        .rejected, "the provider names hosts to go through (ProxyJump), which only OpenSSH can do",
        hint: "`sshproxy ssh ALIAS COMMAND` runs it through OpenSSH")
    }
    let addresses =
      stored.isEmpty
      ? try NameLookup.addresses(
        of: session.endpoint.host, port: session.endpoint.port, until: deadline, caller: caller)
      : stored
    try rule.check(addresses, of: session.endpoint.host)
    var backoff = Backoff(first: 20, most: 1000)
    var patience = Patience(first: Self.patience)
    while true {
      let lastError: Failure
      do throws(Failure) {
        return try attempt(session, addresses, trust, patience.milliseconds)
      } catch {
        guard error.kind == .temporary else { throw error }
        lastError = error
      }
      context.trace("\(lastError.message); dialling again")
      try probe?.askWhenDue()
      let next = Moment.now + backoff.next()
      guard next < deadline else { throw lastError }
      try caller.sleep(until: next)
      patience.grow()
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
          .temporary, "\(name): \(error.reason) for \(seconds) s",
          hint: "the machine may be down or still starting: run it again, "
            + "or `sshproxy check \(alias.spelling)`")
      }
    }
    context.trace("connected to \(name)")
    guard let peer = SocketAddress(peerOf: socket) ?? addresses.first else {
      throw Failure(.internalError, "\(name) has no address")
    }
    return try SSHSession(
      over: socket, preamble: session.preamble, peer: peer, trust: trust, until: deadline,
      handshake: limit, caller: caller)
  }
}
