#if os(Linux)
  import SystemIO

  /// A lane between a pipe and a socket, or two pipes, whose bytes never enter this process:
  /// splice(2).
  struct SpliceLane {
    private let source: Int32
    private let sink: Int32
    private var prefix: ArraySlice<UInt8>

    /// What the pipes are enlarged to, and moved at a time, in bytes: the most that an ordinary
    /// user may ask for (/proc/sys/fs/pipe-max-size).
    private static let capacity = 1 << 20

    /// - Returns: `nil` when neither end is a pipe; then there is nothing to splice.
    init?(from source: Int32, to sink: Int32, prefix: [UInt8]) {
      let kinds = (DescriptorKind(of: source), DescriptorKind(of: sink))
      switch kinds {
      case (.pipe, .socket), (.socket, .pipe), (.pipe, .pipe): break
      default: return nil
      }
      // A prefix is written by send(2), which alone is sure not to wait.
      guard prefix.isEmpty || kinds.1 == .socket else { return nil }
      self.source = source
      self.sink = sink
      self.prefix = prefix[...]
      if kinds.0 == .pipe { _ = csystem_set_pipe_size(source, Int32(Self.capacity)) }
      if kinds.1 == .pipe { _ = csystem_set_pipe_size(sink, Int32(Self.capacity)) }
    }

    var remainingPrefix: [UInt8] { Array(prefix) }

    mutating func step() -> LaneStep {
      guard prefix.isEmpty else { return sendPrefix() }
      let count = retryingInterrupts { csystem_splice(source, sink, Self.capacity) }
      if count > 0 { return .moved }
      if count == 0 { return .ended }
      switch errno {
      case EAGAIN: return .blocked(bottleneck)
      case EPIPE: return .sinkClosed
      default: return .broken(SystemError("relay"))
      }
    }

    private mutating func sendPrefix() -> LaneStep {
      let count = prefix.withUnsafeBytes { SystemTransfer.send(sink, $0) }
      if count >= 0 {
        prefix = prefix.dropFirst(count)
        return .moved
      }
      return errno == EAGAIN ? .blocked(.writable(sink)) : .sinkClosed
    }

    /// splice(2) does not say which end it would have to wait for: a source that has something
    /// means that it is the sink.
    private var bottleneck: Awaited {
      var item = pollfd(fd: source, events: Int16(POLLIN), revents: 0)
      return poll(&item, 1, 0) > 0 ? .writable(sink) : .readable(source)
    }
  }
#endif
