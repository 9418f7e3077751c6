/// Standard input, output and error.
public enum StandardDescriptors {
  /// Whether standard error leads to /dev/null.
  public static var errorIsDiscarded: Bool {
    guard let error = FileStatus(of: STDERR_FILENO), let null = FileStatus(of: "/dev/null") else {
      return false
    }
    return error.isSameDevice(as: null)
  }

  /// Writes out what the C library still holds of what was printed.
  /// - Throws: `.inputOutput`; a reader who has seen enough (`| head`) is no failure.
  public static func flush() throws(Failure) {
    guard fflush(nil) != 0, errno != EPIPE else { return }
    throw Failure("write the output")
  }

  /// Opens the terminal that this process belongs to, for writing.
  /// - Returns: `nil` where there is none.
  public static func terminal() -> Descriptor? {
    try? Descriptor.open("/dev/tty", flags: O_WRONLY | O_NOCTTY)
  }

  /// Has standard error lead to the terminal from now on.
  /// - Returns: `false` where there is none.
  public static func leadErrorToTerminal() -> Bool {
    guard let terminal = terminal() else { return false }
    return dup2(terminal.number, STDERR_FILENO) >= 0
  }

  /// Opens /dev/null in place of each one that is closed. Otherwise the next file that is opened would
  /// get its number, and output meant for the stream would go into that file.
  public static func fillGaps() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
  }
}
