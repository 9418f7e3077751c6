#if os(Linux)
  private let dontWait = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
#else
  private let dontWait = MSG_DONTWAIT
#endif

/// Reads and writes. Those on sockets never wait, whatever flags the descriptor has. All return the
/// system call's result and leave errno.
public enum SystemTransfer {
  public static func receive(_ socket: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    retryingInterrupts { recv(socket, buffer.baseAddress, buffer.count, dontWait) }
  }

  public static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    retryingInterrupts { sendBytes(socket, bytes, dontWait) }
  }

  public static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    retryingInterrupts { readBytes(descriptor, buffer) }
  }

  public static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    retryingInterrupts { writeBytes(descriptor, bytes) }
  }

  /// Looks for a byte to receive without taking it.
  /// - Returns: 1 for a byte, 0 for the end, -1 with errno.
  public static func peek(_ socket: Int32) -> Int {
    var byte: UInt8 = 0
    return retryingInterrupts { recv(socket, &byte, 1, Int32(MSG_PEEK) | dontWait) }
  }

  /// Opens the same pipe or terminal once more, non-blocking.
  ///
  /// O_NONBLOCK belongs to the open file description, which other processes share, so it must not be
  /// set on an inherited descriptor.
  /// - Returns: `nil` where there is no /proc, or the system refuses.
  public static func reopenedForWriting(_ descriptor: Int32) -> Descriptor? {
    #if os(Linux) && !PORTABLE
      try? Descriptor.open(
        "/proc/self/fd/\(descriptor)", flags: O_WRONLY | O_NONBLOCK | O_NOCTTY)
    #else
      nil
    #endif
  }
}

// These have names of their own because the members above hide the C functions.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}

private func sendBytes(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
  send(socket, bytes.baseAddress, bytes.count, flags)
}
