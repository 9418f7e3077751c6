#if os(Linux) && !PORTABLE
  import SystemIO

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
