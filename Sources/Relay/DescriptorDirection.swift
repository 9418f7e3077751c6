import SystemIO

/// A direction between two descriptors, by splice(2) if they allow it, else through a buffer.
public struct DescriptorDirection: Direction, ~Copyable {
  /// How bytes are moved. `splice` falls back to `copy` where it is not possible.
  public enum Preference: Sendable {
    case splice
    case copy
  }

  private let source: Int32
  private let sink: Int32
  #if os(Linux) && !PORTABLE
    private var splice: SpliceDirection?
  #endif
  private var copy: CopyDirection<DescriptorSource, DescriptorSink>?

  /// - Parameters:
  ///   - source, sink: borrowed. A socket has to be non-blocking: splice(2) can be told not to wait
  ///     for a pipe, but not for a socket.
  ///   - prefix: written to the sink before the source's bytes.
  public init(
    from source: Int32, to sink: Int32, prefix: [UInt8] = [], preference: Preference = .splice
  ) {
    self.source = source
    self.sink = sink
    #if os(Linux) && !PORTABLE
      splice =
        preference == .splice ? SpliceDirection(from: source, to: sink, prefix: prefix) : nil
      guard splice == nil else { return }
    #endif
    // Swift 6.2 lets an initializer call no mutating method.
    copy = Self.copying(from: source, to: sink, prefix)
  }

  /// Moves what can be moved; a splice that the kernel refuses becomes a copy here.
  public mutating func step() -> DirectionStep {
    #if os(Linux) && !PORTABLE
      if let step = splice?.step() {
        // If the kernel refuses to splice these descriptors, the bytes are copied. A refused call has
        // taken nothing from the source.
        guard case .broken(let error) = step, error.number == EINVAL || error.number == EPERM
        else { return step }
        copy = Self.copying(from: source, to: sink, splice?.remainingPrefix ?? [])
        splice = nil
      }
    #endif
    return copy?.step() ?? .ended
  }

  /// Ends what is sent to the sink, where that is a socket.
  public mutating func finish() {
    // Of anything but a socket it is refused and does no harm. A confined process cannot ask which.
    SystemTransfer.endSending(sink)
  }

  private static func copying(
    from source: Int32, to sink: Int32, _ prefix: [UInt8]
  ) -> CopyDirection<DescriptorSource, DescriptorSink> {
    CopyDirection(from: DescriptorSource(source), to: DescriptorSink(sink), prefix: prefix)
  }
}

#if os(Linux) && !PORTABLE
  /// A direction between a pipe and a socket, or two pipes. The bytes never enter this process: splice(2).
  struct SpliceDirection {
    private let source: Int32
    private let sink: Int32
    private var prefix: ArraySlice<UInt8>

    /// - Returns: `nil` when neither end is a pipe: splice(2) needs one.
    init?(from source: Int32, to sink: Int32, prefix: [UInt8]) {
      let kinds = (DescriptorKind(of: source), DescriptorKind(of: sink))
      switch kinds {
      case (.pipe, .socket), (.socket, .pipe), (.pipe, .pipe): break
      default: return nil
      }
      // The prefix is written by send(2): a socket can be asked not to wait, a pipe cannot.
      guard prefix.isEmpty || kinds.1 == .socket else { return nil }
      self.source = source
      self.sink = sink
      self.prefix = prefix[...]
      LargePipe.enlarge(source)
      LargePipe.enlarge(sink)
    }

    /// What has not been sent of the prefix.
    var remainingPrefix: [UInt8] { Array(prefix) }

    mutating func step() -> DirectionStep {
      guard prefix.isEmpty else { return sendPrefix() }
      let count = SystemTransfer.splice(source, sink, LargePipe.capacity)
      if count > 0 { return .moved }
      if count == 0 { return .ended }
      switch errno {
      case EAGAIN: return .blocked(bottleneck)
      case EPIPE: return .sinkClosed
      default: return .broken(Failure("relay"))
      }
    }

    private mutating func sendPrefix() -> DirectionStep {
      let count = prefix.withUnsafeBytes { SystemTransfer.send(sink, $0) }
      if count >= 0 {
        prefix = prefix.dropFirst(count)
        return .moved
      }
      return errno == EAGAIN ? .blocked(.writable(sink)) : .sinkClosed
    }

    /// splice(2) does not say which end would block. If the source has something to read, it is the
    /// sink.
    private var bottleneck: Awaited {
      SystemTransfer.isReady(source, POLLIN) ? .writable(sink) : .readable(source)
    }
  }
#endif

/// A descriptor to read from. It is borrowed: whoever opened it closes it.
public struct DescriptorSource: ByteSource {
  private let number: Int32
  private let isSocket: Bool

  /// - Parameter number: stays open at least as long as this value lives.
  public init(_ number: Int32) {
    self.number = number
    isSocket = DescriptorKind(of: number) == .socket
  }

  /// Reads what is there; the end of a terminal counts as the end of a file.
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

  /// Opens a pipe or a terminal once more, where that can be done, to write without waiting.
  /// - Parameter number: stays open at least as long as this value lives.
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

  /// Writes as much as is taken without waiting.
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

  /// Half-closes a socket; for anything else the end is its owner's to close.
  public mutating func finish() {
    if kind == .socket { SystemTransfer.endSending(number) }
  }
}
