import Dialing
import Relay
import SessionRecord
import SystemIO

/// `sshproxy connect ALIAS`: find the session, dial, wait for the first byte, then pass the socket to
/// ssh or relay.
struct Connect {
  let alias: String
  /// Whether ssh asks for the socket (`ProxyUseFdpass`).
  let passesDescriptor: Bool
  /// Whether this is the line `ProxyCommand sshproxy %h`, without `setup`.
  let isBare: Bool
  /// The record's `endpointIdentity` that it alone may lead to; `nil` for any.
  let identity: String?
  let invocation: Invocation

  /// Returns when the connection is ssh's, or has ended.
  /// - Throws: what the person has to know, or `.reported` where another program has said it.
  func run() throws(Failure) {
    try ThroughLoop.check(alias)
    let trace = Terminal.trace(invocation)
    let liveLine = LiveLine(
      "waiting for \(alias)", width: TerminalWidth.of(STDERR_FILENO), write: Terminal.write)
    defer { liveLine.clear() }
    var caller = HangUpMonitor(output: STDOUT_FILENO)
    caller.onWaiting = liveLine.tick

    let found = try SessionSearch(alias: alias, invocation: invocation).find(caller)
    if let identity {
      guard found.record.endpointIdentity == identity else {
        throw .moved(to: found.record.endpoint)
      }
    } else if isUnread(found) {
      throw .unread
    }
    guard found.record.stream == .direct else { throw Helper.replaceThisProcess(invocation) }
    trace("session \(found.record.name) for \(found.record.endpoint.words)")
    if isBare, found.record.bringsCredentials { Terminal.noteMissingCredentials(alias: alias) }

    let channel = passesDescriptor ? PassingChannel() : nil
    let dialling = SessionDialling(
      found, alias: alias, invocation: invocation, caller: caller, trace: trace,
      input: channel == nil ? Replay(STDIN_FILENO) : nil)
    // With it, the command that the connection goes through would end.
    defer { withExtendedLifetime(dialling) {} }
    let connection = try dialling.run()
    liveLine.clear()

    if let channel, !channel.callerHasSpoken {
      trace("passing the socket to ssh")
      try channel.pass(connection)
      return dialling.dialer.letGo()
    }
    try relay(connection, unsent: dialling.dialer.unsent, caller: caller)
  }

  /// Whether our ssh connects without having read the session's block. It would call us with the block's place
  /// (`--only-to`, `--prepared`); without that its `prepare` has failed, though another one has made a session
  /// since. Such an ssh knows nothing of how the host proves itself, or looks its key up under the name of the
  /// session before, which it has read in the plain file. Other programs read nothing but that file.
  ///
  /// Where `call` is missing, no block names a place, and `prepare` would have written it, so it has failed. But
  /// then this may also be a line of the user's own with `--home`, for a machine that takes a key of theirs.
  private func isUnread(_ found: SessionSearch.Found) -> Bool {
    invocation.isManaged && !invocation.hasReadSession
      && (found.state.hasCall || passesDescriptor || found.record.bringsCredentials)
      && OtherProcess.commandLine(of: OwnProcess.parent).map { OtherProcess.isOf("ssh", $0) }
        == true
  }

  /// Streams until the server or ssh ends the connection.
  private func relay(
    _ connection: borrowing Descriptor, unsent: [UInt8], caller: HangUpMonitor
  ) throws(Failure) {
    let preference = RelayPreference.current
    var pump = Pump(
      up: DescriptorDirection(
        from: STDIN_FILENO, to: connection.number, prefix: unsent, preference: preference),
      down: DescriptorDirection(
        from: connection.number, to: STDOUT_FILENO, preference: preference))
    // Only now: the first bytes need not wait for it, and a direction that splice(2) refuses has begun to
    // copy, for which it opens descriptors.
    var poller = HangUpPoller(caller) { Confinement.toStreaming() }
    if case .broken(let error) = try pump.run(&poller) {
      throw Failure(.inputOutput, "the connection broke: \(error.message)", hint: "run it again")
    }
  }
}

/// `SSHPROXY_RELAY=copy` forces the portable relay, for tests and for kernels on which splice(2) fails.
private enum RelayPreference {
  static var current: DescriptorDirection.Preference {
    Environment.value("SSHPROXY_RELAY") == "copy" ? .copy : .splice
  }
}

/// The Unix socket over which ssh expects the connected socket (`ProxyUseFdpass`, ssh_config(5)).
struct PassingChannel {
  /// - Returns: `nil` unless descriptors 0 and 1 are one Unix socket: wezterm, net-ssh and paramiko
  ///   run the same ProxyCommand over pipes, and need a relay.
  init?() {
    guard let input = FileStatus(of: STDIN_FILENO), let output = FileStatus(of: STDOUT_FILENO),
      input.isSocket, input.isSameFile(as: output), SystemTransfer.isUnixSocket(STDOUT_FILENO)
    else { return nil }
  }

  /// Whether the caller has sent bytes. ssh writes nothing before it has the descriptor, so this is a
  /// program that runs the same ProxyCommand over a socket pair and needs a relay: libssh from 0.12 on.
  var callerHasSpoken: Bool { SystemTransfer.peek(STDIN_FILENO) > 0 }

  /// Gives the connection to ssh, which owns a copy of the descriptor from then on.
  /// - Throws: `.inputOutput`.
  func pass(_ connection: borrowing Descriptor) throws(Failure) {
    connection.setNonBlocking(false)
    try SystemTransfer.pass(connection, over: STDOUT_FILENO)
  }
}
