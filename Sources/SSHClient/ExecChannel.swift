internal import CLibSSH2
internal import Relay
public import SystemIO

/// A command that runs on the server (RFC 4254 §6.5), with its three streams.
public struct ExecChannel: ~Copyable {
  private let channel: Channel
  private let caller: HangUpMonitor

  private var output: ChannelSource { ChannelSource(channel: channel, stream: .output) }
  private var error: ChannelSource { ChannelSource(channel: channel, stream: .error) }
  private var input: ChannelSink { ChannelSink(channel: channel) }

  fileprivate init(_ channel: Channel, _ caller: HangUpMonitor) {
    self.channel = channel
    self.caller = caller
  }

  /// Relays the three streams until the server closes the channel. If nobody reads the error stream
  /// any more, it is discarded, as ssh does.
  /// - Parameters:
  ///   - input, output, error: descriptors of ours, which stay open.
  ///   - confine: called once the streams are set up, to give up what is not needed any more.
  /// - Returns: the command's exit status; 128 + n for a signal; 128 + SIGPIPE when nobody reads the
  ///   output any more.
  /// - Throws: `.unreachable` when the connection breaks or no exit status comes, `.invalidResponse` when
  ///   the server sends too much that nobody has asked for, `.inputOutput` when the output cannot be
  ///   written, `.cancelled` when the caller is gone.
  public borrowing func run(
    input: Int32, output: Int32, error: Int32,
    confine: () -> Void = {}
  ) throws(Failure) -> Int32 {
    LargePipe.enlarge(input)
    LargePipe.enlarge(output)
    var relay = ExecRelay(
      up: CopyDirection(
        from: DescriptorSource(input), to: self.input, capacity: Channel.writingPortion),
      output: CopyDirection(from: self.output, to: DescriptorSink(output)),
      errors: CopyDirection(
        from: self.error, to: ForgivingSink(DescriptorSink(error)), capacity: 32 * 1024))
    confine()
    var poller = ChannelPoller(channel, caller)
    let channel = channel
    switch try relay.run(&poller, closing: channel.closing) {
    case .ended:
      guard let status = channel.exitStatus else {
        throw Failure(
          .unreachable, "the server closed the command's channel without an exit status",
          hint: "whether the command has run to its end is not known: look at what it did there")
      }
      return status
    case .readerGone: return 128 + SIGPIPE
    case .broken(let error): throw channel.failure(after: error)
    }
  }
}

extension SSHSession {
  /// Starts a command, which the user's login shell on the server parses.
  /// - Throws: `.rejected` when the server does not start it, and what `init` throws.
  public borrowing func execute(_ command: String) throws(Failure) -> ExecChannel {
    let step = "start the command"
    let channel = try open("session", message: [], step)
    let pointer = channel.pointer
    let bytes = Array(command.utf8CString.dropLast())
    let result = try connection.complete(step, until: deadline, caller: caller) { _ in
      libssh2_channel_process_startup(pointer, "exec", 4, bytes, UInt32(bytes.count))
    }
    guard result == 0 else {
      throw Failure(
        .rejected, step: step, "the server does not run commands: \(connection.lastError)")
    }
    return ExecChannel(Channel(channel), caller)
  }
}

/// The signals by which a command can end, as RFC 4254 §6.10 names them.
enum ExitSignal {
  private static let numbers: [String: Int32] = [
    "ABRT": SIGABRT, "ALRM": SIGALRM, "FPE": SIGFPE, "HUP": SIGHUP, "ILL": SIGILL, "INT": SIGINT,
    "KILL": SIGKILL, "PIPE": SIGPIPE, "QUIT": SIGQUIT, "SEGV": SIGSEGV, "TERM": SIGTERM,
    "USR1": SIGUSR1, "USR2": SIGUSR2,
  ]

  /// The exit status that a shell would report: 128 + n.
  /// - Returns: 255 for a signal that only the far system knows (`name@domain`).
  static func status(_ name: String) -> Int32 {
    numbers[name].map { 128 + $0 } ?? 255
  }
}
