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
    let through = target.through
    let place = through?.proxy ?? session.endpoint
    let dialsItself = through != nil && through?.proxy == nil
    let addresses =
      stored.isEmpty && !dialsItself
      ? try NameLookup.addresses(
        of: place.host, port: place.port, until: deadline, caller: caller)
      : stored
    if through == nil { try rule.check(addresses, of: session.endpoint.host) }
    let dialer = EndpointDialer(
      addresses, through: through?.passage(to: session.endpoint), for: alias.name)
    helper.dialer = dialer
    var backoff = Backoff(first: 20, most: 1000)
    var patience = Patience(first: Self.patience)
    while true {
      let lastError: Failure
      do throws(Failure) {
        return try attempt(session, dialer, addresses, trust, patience.milliseconds)
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
    _ session: Session, _ dialer: EndpointDialer, _ addresses: [SocketAddress],
    _ trust: HostTrust, _ patience: Int
  ) throws(Failure) -> SSHSession {
    let limit = min(deadline, Moment.now + patience)
    let name = "\(session.endpoint.host) port \(session.endpoint.port)"
    let socket = try dial(dialer, name, until: limit)
    context.trace("connected to \(name)")
    let relay = try target.through.map { (through) throws(Failure) in
      try ScanRelay(
        addresses, through.passage(to: session.endpoint), for: alias.name, until: deadline)
    }
    defer { withExtendedLifetime(relay) {} }
    guard let peer = relay?.address ?? SocketAddress(peerOf: socket) ?? addresses.first
    else {
      throw Failure(.internalError, "\(name) has no address")
    }
    return try SSHSession(
      over: socket, preamble: session.preamble, peer: peer, trust: trust, until: deadline,
      handshake: limit, caller: caller)
  }

  private func dial(
    _ dialer: EndpointDialer, _ name: String, until limit: Moment
  ) throws(Failure) -> Descriptor {
    do throws(DialError) {
      return try dialer.connect(until: limit, caller: caller)
    } catch {
      switch error {
      case .cancelled(let failure), .refused(let failure): throw failure
      case .failed(let error): throw unreached(name, error.reason)
      case .passage(let reason): throw unreached(name, reason)
      }
    }
  }

  private func unreached(_ name: String, _ reason: String) -> Failure {
    Failure(
      .temporary, "\(name): \(reason) for \(seconds) s",
      hint: (target.through == nil ? Passage.hint : nil)
        ?? "the machine may be down or still starting: run it again, "
        + "or `sshproxy check \(alias.spelling)`")
  }
}

/// Keeps the command that a connection goes through for as long as the connection may live.
final class ConnectionHelper {
  fileprivate(set) var dialer: EndpointDialer?
}
