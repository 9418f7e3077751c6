import SystemIO

#if canImport(Glibc)
  import Glibc

  /// Counts how often a file or a directory is opened, by whichever program (inotify(7)).
  public final class OpenCount {
    private let descriptor: Descriptor

    /// - Parameter path: of what is there already.
    public init(of path: String) throws {
      let number = inotify_init1(Int32(O_NONBLOCK | O_CLOEXEC))
      guard number >= 0 else { throw Failure("count openings") }
      descriptor = Descriptor(owning: number)
      // The closings keep two openings from being told as one: equal neighbours are.
      guard inotify_add_watch(number, path, UInt32(IN_OPEN | IN_CLOSE)) >= 0 else {
        throw Failure("count openings")
      }
    }

    /// How often it itself was opened since the last call; not what is in it.
    public func take() -> Int {
      var count = 0
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while case let length = read(descriptor.number, &buffer, buffer.count), length > 0 {
        buffer.withUnsafeBytes { bytes in
          var offset = 0
          while offset < length {
            let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
            if event.mask & UInt32(IN_OPEN) != 0, event.len == 0 { count += 1 }
            offset += MemoryLayout<inotify_event>.size + Int(event.len)
          }
        }
      }
      return count
    }
  }
#endif
