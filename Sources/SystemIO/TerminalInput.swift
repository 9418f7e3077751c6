internal import CSystem

/// Whether a descriptor is a terminal (isatty(3)).
public func isTerminal(_ descriptor: Int32) -> Bool { isatty(descriptor) == 1 }

/// How wide what people read may be.
public enum TerminalWidth {
  /// What is neither seen nor said (POSIX, `COLUMNS`).
  private static let usual = 80
  /// Narrower than this, words in columns cannot be read at all.
  private static let least = 40

  /// The columns of the terminal that standard output is; `nil` where it is none.
  public static var ofOutput: Int? { of(STDOUT_FILENO) }

  /// The columns of the terminal that a descriptor is; `nil` where it is none.
  public static func of(_ descriptor: Int32) -> Int? {
    guard isTerminal(descriptor) else { return nil }
    let columns = Int(csystem_columns(descriptor))
    return columns == 0 ? usual : max(columns, least)
  }
}

/// A terminal that does not show what is typed.
public enum SilentTerminal {
  /// What ends or stops a program that a person sits at.
  private static let stopping = [SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP]

  /// Signals are held back until the terminal shows again what is typed, and take effect after that.
  /// - Parameter body: is given a way to ask whether a signal has come.
  /// - Throws: `.inputOutput` when the descriptor is no terminal, and what `body` throws.
  public static func during<Result>(
    _ descriptor: Int32, _ body: (_ signalHasCome: () -> Bool) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    var shown = termios()
    guard tcgetattr(descriptor, &shown) == 0 else { throw Failure("use the terminal") }
    var signals = sigset_t()
    sigemptyset(&signals)
    for number in stopping { sigaddset(&signals, number) }
    sigprocmask(SIG_BLOCK, &signals, nil)
    var silent = shown
    silent.c_lflag &= ~tcflag_t(ECHO)
    tcsetattr(descriptor, TCSAFLUSH, &silent)
    defer {
      tcsetattr(descriptor, TCSAFLUSH, &shown)
      sigprocmask(SIG_UNBLOCK, &signals, nil)
    }
    return try body {
      var pending = sigset_t()
      sigpending(&pending)
      return stopping.contains { sigismember(&pending, $0) == 1 }
    }
  }
}
