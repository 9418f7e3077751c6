/// Descriptors 0, 1 and 2.
public enum StandardDescriptors {
  /// Opens /dev/null in the place of each one that is closed. Otherwise the next file to be opened
  /// would get its number, and what is meant for a stream would go into that file.
  public static func fillGaps() {
    for number in STDIN_FILENO...STDERR_FILENO where fcntl(number, F_GETFD) == -1 {
      _ = open("/dev/null", O_RDWR)
    }
  }
}
