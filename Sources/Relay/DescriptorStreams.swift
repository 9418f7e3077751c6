import SystemIO

/// A descriptor to read from. It is borrowed: whoever opened it closes it.
public struct DescriptorSource: ByteSource {
  private let number: Int32
  private let isSocket: Bool

  public init(_ number: Int32) {
    self.number = number
    isSocket = DescriptorKind(of: number) == .socket
  }

  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    // An inherited descriptor may be blocking and has to stay so: poll(2) tells whether a read would
    // wait. A socket can be told not to wait in this one call.
    if !isSocket, !SystemTransfer.isReady(number, POLLIN) { return .blocked(.readable(number)) }
    let count =
      isSocket
      ? SystemTransfer.receive(number, buffer) : SystemTransfer.read(number, buffer)
    if count > 0 { return .bytes(count) }
    if count == 0 { return .ended }
    if errno == EAGAIN { return .blocked(.readable(number)) }
    // Linux's answer for a terminal whose other side was closed.
    if errno == EIO { return .ended }
    return .failed(Failure("read"))
  }
}

/// A descriptor to write to. It is borrowed: whoever opened it closes it.
public struct DescriptorSink: ByteSink, ~Copyable {
  private let number: Int32
  private let kind: DescriptorKind
  private let reopened: Descriptor?
  private let reopenedNumber: Int32

  public init(_ number: Int32) {
    self.number = number
    kind = DescriptorKind(of: number)
    let mayReopen = kind == .pipe || isTerminal(number)
    switch mayReopen ? SystemTransfer.reopenedForWriting(number) : nil {
    case .some(let own):
      reopenedNumber = own.number
      reopened = consume own
    case .none:
      reopenedNumber = -1
      reopened = nil
    }
  }

  public mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    let count: Int
    if kind == .socket {
      count = SystemTransfer.send(number, bytes)
    } else if reopenedNumber >= 0 {
      count = SystemTransfer.write(reopenedNumber, bytes)
    } else if kind == .regularFile {
      count = SystemTransfer.write(number, bytes)
    } else {
      // A pipe that poll(2) calls writable takes PIPE_BUF bytes without waiting (pipe(7)); more might
      // block.
      guard SystemTransfer.isReady(number, POLLOUT) else { return .blocked(.writable(number)) }
      let few = UnsafeRawBufferPointer(rebasing: bytes.prefix(Int(PIPE_BUF)))
      count = SystemTransfer.write(number, few)
    }
    if count >= 0 { return .bytes(count) }
    switch errno {
    case EAGAIN: return .blocked(.writable(number))
    case EPIPE, EIO: return .ended
    default: return .failed(Failure("write"))
    }
  }

  public mutating func finish() {
    if kind == .socket { SystemTransfer.endSending(number) }
  }
}

/// Pipes that hold more than the usual 64 KiB, so that their ends are woken less often.
public enum LargePipe {
  /// In bytes: the most that an ordinary user may ask for (/proc/sys/fs/pipe-max-size).
  static let capacity = 1 << 20

  /// Enlarges a pipe if the system allows it; anything else stays as it is.
  public static func enlarge(_ descriptor: Int32) {
    SystemTransfer.enlargePipe(descriptor, to: capacity)
  }
}
