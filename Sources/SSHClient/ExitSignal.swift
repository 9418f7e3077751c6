internal import SystemIO

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
