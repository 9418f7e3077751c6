import Dialing
import OpenSSH
import SSHClient
import SessionRecord
import Sessions
import SystemIO

extension SSHConnector {
  /// Dials until a server has proved its identity. One that refuses, hangs up or stays silent
  /// before that is dialled again until the deadline: it may still be starting, or be busy with
  /// too many logins at once.
  /// - Parameters:
  ///   - stored: the addresses that were stored with the session; if none, the name is looked up.
  ///   - silence: has the provider asked once what has become of the session; `nil` for one that is not
  ///     stored.
  /// - Throws: `.temporary` at the deadline, `.rejected` for a session behind a ProxyJump, and what
  ///   `SSHSession.init` throws.
  func handshake(
    _ session: Session, _ stored: [SocketAddress], _ trust: HostTrust, _ silence: Silence?
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
    if through == nil { try plan.rule.check(addresses, of: session.endpoint.host) }
    let goal = DialGoal(
      addresses, through: through?.passage(to: session.endpoint), preamble: session.preamble,
      // libssh2 speaks at once, which saves a round trip: and an endpoint may wait for that.
      hasAnswered: true, for: alias.name)
    let name = "\(session.endpoint.host) port \(session.endpoint.port)"
    let dialer = Dialer(
      goal,
      .init(
        endpoint: name, alias: alias.spelling, seconds: seconds, isDirect: through == nil),
      until: deadline, probe: silence, caller: caller, trace: { context.trace($0) })
    helper.dialer = dialer
    silence?.goal = goal
    return try dialer.connect { (socket, limit) throws(Failure) -> SSHSession in
      try verify(socket, goal, name, trust, until: limit)
    }
  }

  private func verify(
    _ socket: consuming Descriptor, _ goal: DialGoal, _ name: String, _ trust: HostTrust,
    until limit: Moment
  ) throws(Failure) -> SSHSession {
    let relay = goal.passage == nil ? nil : try ScanRelay(goal, until: deadline)
    defer { withExtendedLifetime(relay) {} }
    guard let peer = relay?.address ?? SocketAddress(peerOf: socket) ?? goal.addresses.first
    else {
      throw Failure(.internalError, "\(name) has no address")
    }
    return try SSHSession(
      over: socket, peer: peer, trust: trust, until: deadline, handshake: limit, caller: caller)
  }
}

/// Keeps the command that a connection goes through for as long as the connection may live.
final class ConnectionHelper {
  fileprivate(set) var dialer: Dialer?
}
