/// Standard input, output and error.
public enum StandardDescriptors {
  /// Opens /dev/null in place of each one that is closed. Otherwise the next file that is opened would
  /// get its number, and output meant for the stream would go into that file.
  public static func fillGaps() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
  }
}
