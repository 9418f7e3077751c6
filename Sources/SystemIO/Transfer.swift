#if os(Linux)
  private let dontWait = Int32(MSG_DONTWAIT) | Int32(MSG_NOSIGNAL)
#else
  private let dontWait = MSG_DONTWAIT
#endif

/// Reads and writes. Those on sockets never wait, whatever flags the descriptor has. All return the
/// system call's result and leave errno.
public enum SystemTransfer {
  /// recv(2), which does not wait here.
  public static func receive(_ socket: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    retryingInterrupts { recv(socket, buffer.baseAddress, buffer.count, dontWait) }
  }

  /// send(2), which does not wait here, nor raises SIGPIPE where the system knows a flag for that.
  public static func send(_ socket: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    retryingInterrupts { sendBytes(socket, bytes, dontWait) }
  }

  /// read(2), which may wait.
  public static func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) -> Int {
    retryingInterrupts { readBytes(descriptor, buffer) }
  }

  /// write(2), which may wait.
  public static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    retryingInterrupts { writeBytes(descriptor, bytes) }
  }

  /// Writes a text in one call. That it cannot be written is ignored: there is nobody to be told.
  public static func write(_ descriptor: Int32, _ text: String) {
    var text = text
    _ = text.withUTF8 { write(descriptor, UnsafeRawBufferPointer($0)) }
  }

  /// Whether a transfer would not wait now (poll(2)).
  /// - Parameter events: POLLIN or POLLOUT.
  public static func isReady(_ descriptor: Int32, _ events: Int32) -> Bool {
    var item = pollfd(fd: descriptor, events: Int16(truncatingIfNeeded: events), revents: 0)
    return poll(&item, 1, 0) > 0
  }

  /// Whether one of `items` is ready within that time. For a thread that nobody waits for: all other waits
  /// are `HangUpMonitor`'s.
  public static func isReady(_ items: inout [pollfd], within milliseconds: Int32) -> Bool {
    poll(&items, nfds_t(items.count), milliseconds) > 0
  }

  /// Ends what is sent on a connection; the other direction goes on. Of anything but a socket it is refused,
  /// and does no harm.
  public static func endSending(_ socket: Int32) { shutdown(socket, Int32(SHUT_WR)) }

  /// Gives the other side of a Unix socket a copy of an open descriptor (unix(7), SCM_RIGHTS).
  /// - Throws: `.inputOutput`.
  public static func pass(_ descriptor: borrowing Descriptor, over socket: Int32) throws(Failure) {
    let number = descriptor.number
    guard retryingInterrupts({ csystem_send_descriptor(socket, number) }) == 0 else {
      throw Failure("pass a descriptor")
    }
  }

  /// Whether a descriptor is a socket of this computer's own (unix(7)).
  public static func isUnixSocket(_ descriptor: Int32) -> Bool {
    csystem_is_unix_socket(descriptor) != 0
  }

  #if os(Linux) && !PORTABLE
    /// Moves bytes between two descriptors, of which one is a pipe, without waiting (splice(2)).
    public static func splice(_ source: Int32, _ sink: Int32, _ most: Int) -> Int {
      retryingInterrupts { csystem_splice(source, sink, most) }
    }
  #endif

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
