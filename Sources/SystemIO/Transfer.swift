#if os(Linux)
  private let dontWait = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
#else
  private let dontWait = MSG_DONTWAIT
#endif

/// Reads and writes that never wait on a socket, whatever flags its descriptor has. All return what
/// the system call returns, with errno.
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

  /// What lies in a socket's queue is only looked at: 1 for a byte, 0 for the end, -1 with errno.
  public static func peek(_ socket: Int32) -> Int {
    var byte: UInt8 = 0
    return retryingInterrupts { recv(socket, &byte, 1, Int32(MSG_PEEK) | dontWait) }
  }

  /// Another description of the same pipe or terminal, which alone is non-blocking.
  ///
  /// O_NONBLOCK belongs to the description that others share, so it is never set on an inherited
  /// one. Linux opens a pipe anew through /proc; elsewhere, and where that is refused, `nil`.
  public static func reopenedForWriting(_ descriptor: Int32) -> Descriptor? {
    #if os(Linux)
      try? Descriptor.open(
        "/proc/self/fd/\(descriptor)", flags: O_WRONLY | O_NONBLOCK | O_NOCTTY)
    #else
      nil
    #endif
  }
}

// Named apart from the members above, which would hide the C functions.
private func readBytes(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
  read(descriptor, buffer.baseAddress, buffer.count)
}

private func writeBytes(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
  write(descriptor, bytes.baseAddress, bytes.count)
}

private func sendBytes(_ socket: Int32, _ bytes: UnsafeRawBufferPointer, _ flags: Int32) -> Int {
  send(socket, bytes.baseAddress, bytes.count, flags)
}
