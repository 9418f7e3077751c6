import SystemIO

/// Pipes that hold more than the usual 64 KiB, so that their ends are woken less often.
public enum LargePipe {
  /// In bytes: the most that an ordinary user may ask for (/proc/sys/fs/pipe-max-size).
  static let capacity = 1 << 20

  /// Enlarges a pipe if the system allows it; anything else stays as it is.
  public static func enlarge(_ descriptor: Int32) {
    SystemTransfer.enlargePipe(descriptor, to: capacity)
  }
}
