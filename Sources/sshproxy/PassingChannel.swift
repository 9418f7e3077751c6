import SystemIO

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
