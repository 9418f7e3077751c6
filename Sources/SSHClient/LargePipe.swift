internal import SystemIO

/// Pipes that hold more, so that neither side of one has to be woken for every 64 KiB.
enum LargePipe {
  /// What an ordinary user may ask for (/proc/sys/fs/pipe-max-size), in bytes.
  private static let capacity: Int32 = 1 << 20

  /// Enlarges a pipe where that can be done; anything else stays as it is.
  static func make(of descriptor: Int32) {
    #if os(Linux)
      if DescriptorKind(of: descriptor) == .pipe {
        _ = csystem_set_pipe_size(descriptor, capacity)
      }
    #endif
  }
}
