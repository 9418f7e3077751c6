/// The one owner of an open file descriptor, which is closed with it.
public struct Descriptor: ~Copyable, Sendable {
  /// What the system calls it; valid only as long as this value lives.
  public let number: Int32

  /// Takes over an open descriptor that nobody else closes.
  public init(owning number: Int32) {
    self.number = number
  }

  deinit {
    close(number)
  }

  /// Gives the descriptor away without closing it.
  public consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }

  /// Opens a file, close-on-exec from birth.
  /// - Parameters:
  ///   - mode: the permissions of a file that is created, less the umask.
  ///   - directory: where a relative `path` starts; `nil` for the current directory.
  public static func open(
    _ path: String, flags: Int32, mode: UInt32 = 0o600, in directory: Int32? = nil
  ) throws(Failure) -> Descriptor {
    let number = retryingInterrupts {
      openat(directory ?? AT_FDCWD, path, flags | O_CLOEXEC, mode_t(mode))
    }
    guard number >= 0 else { throw Failure("open \(path.sanitized())") }
    return Descriptor(owning: number)
  }

  /// Opens whatever has that name to read it: without O_NONBLOCK, a FIFO in a file's place would block for ever.
  /// - Parameters:
  ///   - flags: further ones.
  ///   - directory: as above.
  public static func openToRead(
    _ path: String, flags: Int32 = 0, in directory: Int32? = nil
  ) throws(Failure) -> Descriptor {
    try open(path, flags: O_RDONLY | O_NONBLOCK | O_NOCTTY | flags, in: directory)
  }

  /// Makes reads and writes return at once instead of waiting. Only for descriptors that we have
  /// opened: an inherited one may be shared with the shell, which does not expect the flag.
  public func setNonBlocking(_ on: Bool = true) {
    let flags = fcntl(number, F_GETFL)
    _ = fcntl(number, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK)
  }

  /// Sets the permissions, whatever the umask. Another user's file keeps its own.
  public func setMode(_ mode: UInt32) { fchmod(number, mode_t(mode)) }

  /// Dates the file's content to now.
  /// - Returns: whether that was possible.
  public func touch() -> Bool { futimens(number, nil) == 0 }

  /// Reads to the end.
  /// - Parameter limit: in bytes.
  /// - Returns: `nil` when there is more than `limit`.
  public func readAll(limit: Int) throws(Failure) -> [UInt8]? {
    var bytes = [UInt8](repeating: 0, count: min(limit + 1, 4096))
    var length = 0
    while true {
      if length == bytes.count {
        guard length <= limit else { return nil }
        bytes.append(contentsOf: repeatElement(0, count: min(bytes.count, limit + 1 - length)))
      }
      let count = bytes.withUnsafeMutableBytes { buffer in
        retryingInterrupts {
          read(number, buffer.baseAddress?.advanced(by: length), buffer.count - length)
        }
      }
      guard count >= 0 else { throw Failure("read") }
      if count == 0 { break }
      length += count
    }
    guard length <= limit else { return nil }
    bytes.removeSubrange(length...)
    return bytes
  }

  /// Another descriptor of the same open file, close-on-exec.
  /// - Throws: `EMFILE` when this process has too many.
  public func duplicated() throws(Failure) -> Descriptor {
    let copy = fcntl(number, F_DUPFD_CLOEXEC, 3)
    guard copy >= 0 else { throw Failure("duplicate a descriptor") }
    return Descriptor(owning: copy)
  }

  /// Writes everything, waiting if necessary.
  public func writeAll(_ text: String) throws(Failure) {
    try Array(text.utf8).withRawBytes { (bytes) throws(Failure) in try writeAll(bytes) }
  }

  /// The same for bytes.
  public func writeAll(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    var done = 0
    while done < bytes.count {
      let count = retryingInterrupts {
        write(number, bytes.baseAddress?.advanced(by: done), bytes.count - done)
      }
      guard count >= 0 else { throw Failure("write") }
      done += count
    }
  }
}

/// What is asked of sockets.
extension Descriptor {
  /// Ends what is sent on a connection; the other direction goes on.
  public func endSending() { SystemTransfer.endSending(number) }

  func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The error that a connection attempt ended with; 0 when it succeeded (SO_ERROR).
  public var pendingError: Int32 {
    var error: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else { return errno }
    return error
  }
}

/// The kind of file that a descriptor stands for.
public enum DescriptorKind: Sendable {
  case pipe, socket, regularFile, other

  /// `.other` also where the system does not tell (fstat(2)).
  public init(of descriptor: Int32) {
    switch FileStatus(of: descriptor) {
    case .some(let status) where status.isPipe: self = .pipe
    case .some(let status) where status.isSocket: self = .socket
    case .some(let status) where status.isRegular: self = .regularFile
    default: self = .other
    }
  }
}

/// The two ends of a new pipe, close-on-exec from birth where the system knows that.
public struct Pipe: ~Copyable, Sendable {
  /// The end to read from.
  public let reading: Descriptor
  /// The end to write to.
  public let writing: Descriptor

  /// - Throws: `.inputOutput` when this process, or the system, has too many descriptors.
  public init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard csystem_pipe(&ends) == 0 else { throw Failure("make a pipe") }
    reading = Descriptor(owning: ends[0])
    writing = Descriptor(owning: ends[1])
  }

  /// Keeps the reading end and closes the other.
  public consuming func intoReading() -> Descriptor { reading }

  /// Keeps the writing end and closes the other.
  public consuming func intoWriting() -> Descriptor { writing }
}

/// Two connected Unix sockets, close-on-exec from birth where the system knows that.
public struct SocketPair: ~Copyable, Sendable {
  /// The end that stays here.
  public let ours: Descriptor
  /// The end for a child.
  public let theirs: Descriptor

  /// - Throws: `.inputOutput`, as `Pipe`.
  public init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard csystem_socket_pair(&ends) == 0 else { throw Failure("make a socket pair") }
    ours = Descriptor(owning: ends[0])
    theirs = Descriptor(owning: ends[1])
  }

  /// Keeps our end and closes the other.
  public consuming func intoOurs() -> Descriptor { ours }
}

/// Pipes that hold more than the usual 64 KiB, so that their ends are woken less often.
public enum LargePipe {
  /// In bytes: the most that an ordinary user may ask for (/proc/sys/fs/pipe-max-size).
  public static let capacity = 1 << 20

  /// Enlarges a pipe if the system allows it; anything else stays as it is.
  public static func enlarge(_ descriptor: Int32) {
    #if os(Linux) && !PORTABLE
      if DescriptorKind(of: descriptor) == .pipe {
        _ = csystem_set_pipe_size(descriptor, Int32(clamping: capacity))
      }
    #endif
  }
}
