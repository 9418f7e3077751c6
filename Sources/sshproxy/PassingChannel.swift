import SystemIO

/// The Unix socket over which ssh expects the connected socket (`ProxyUseFdpass`, ssh_config(5)).
struct PassingChannel {
  /// - Returns: `nil` unless descriptors 0 and 1 are one Unix socket: wezterm, net-ssh and paramiko
  ///   run the same ProxyCommand over pipes, and need a relay.
  init?() {
    var input = stat()
    var output = stat()
    guard fstat(STDIN_FILENO, &input) == 0, fstat(STDOUT_FILENO, &output) == 0,
      csystem_is_socket(input.st_mode) != 0, input.st_ino == output.st_ino,
      input.st_dev == output.st_dev, csystem_is_unix_socket(STDOUT_FILENO) != 0
    else { return nil }
  }

  /// Whether the caller has sent bytes. ssh writes nothing before it has the descriptor, so this is a
  /// program that runs the same ProxyCommand over a socket pair and needs a relay: libssh from 0.12 on.
  var callerHasSpoken: Bool { SystemTransfer.peek(STDIN_FILENO) > 0 }

  /// Gives the connection to ssh, which owns a copy of the descriptor from then on.
  /// - Throws: `.inputOutput`.
  func pass(_ connection: borrowing Descriptor) throws(Failure) {
    connection.setNonBlocking(false)
    let result = retryingInterrupts { csystem_send_descriptor(STDOUT_FILENO, connection.number) }
    guard result == 0 else { throw Failure("pass the connection to ssh") }
  }
}
