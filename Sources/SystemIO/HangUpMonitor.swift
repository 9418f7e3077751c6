#if canImport(Glibc)
  public import Glibc
#else
  public import Darwin
#endif

/// The program that waits for us: ssh, at the other end of standard output.
///
/// Every wait of both programs goes through `wait`, so in each phase, API calls included, we end
/// within a second after ssh. The end of ssh's *input* never means that ssh is gone. Signals need no
/// code: their default action ends us, and nothing has to be cleaned up.
public struct HangUpMonitor {
  /// How long a parent's death may stay unnoticed, in milliseconds.
  static let parentPollInterval = 200

  /// The descriptor that ssh reads from, or -1 if none is to be watched.
  public let output: Int32
  /// The reading end of a pipe whose other end is held by the process that waits for us, or -1.
  public let lifeline: Int32
  /// Called a few times a second during a wait before the first byte, to show progress.
  public var onWaiting: (() -> Void)?
  /// `nil` for a process that nobody waits for.
  private let parent: pid_t?
  /// The parent, where its end means something after the first byte, too, and who waits besides.
  private var other: (parent: ProcessEnd, output: Int32)?

  /// - Parameters:
  ///   - output: standard output if ssh reads it, else -1.
  ///   - lifeline: see the property.
  public init(output: Int32, lifeline: Int32 = -1) {
    self.output = output
    self.lifeline = lifeline
    self.parent = getppid()
  }

  /// For whoever is waited for until both the parent and the reader of `output` are gone: either may leave before
  /// the other. Before the first byte the parent alone counts.
  /// - Parameter lifeline: see the property.
  public init(parentOrReaderOf output: Int32, lifeline: Int32 = -1) {
    self.init(output: -1, lifeline: lifeline)
    other = ProcessEnd(of: getppid()).map { ($0, output) }
  }

  private init() {
    (output, lifeline, parent) = (-1, -1, nil)
  }

  /// The same for what goes on when nobody waits any more.
  public var unwatched: HangUpMonitor {
    var other = Self.nobody
    other.onWaiting = onWaiting
    return other
  }

  /// The same without progress to show: where another thread or program shows it.
  public var silent: HangUpMonitor {
    var other = self
    other.onWaiting = nil
    return other
  }

  /// Nobody: for a process that goes on by itself.
  public static var nobody: HangUpMonitor { HangUpMonitor() }

  /// Waits until one of `items` is ready, at most until `moment` (`nil`: without limit).
  ///
  /// - Parameter beforeFirstByte: whether the parent's death ends the wait too. After the first byte
  ///   it must not: with `ssh -f` and ControlPersist the parent goes away and the connection stays.
  /// - Returns: whether one of the items is ready. At the limit a ready item still counts, so a loop
  ///   around this looks at the clock itself: one that always finds something would have no end.
  /// - Throws: `.cancelled` when the caller is gone.
  public func wait(
    for items: inout [pollfd], until moment: Moment?, beforeFirstByte: Bool = true
  ) throws(Failure) -> Bool {
    let count = items.count
    // A negative descriptor is skipped.
    items.append(.hangUp(output))
    items.append(.hangUp(lifeline))
    // The reader takes its place once it has ended.
    if !beforeFirstByte, let other { items.append(other.parent.awaited) }
    defer { items.removeSubrange(count...) }
    while true {
      var timeout: Int32 = -1
      if let moment { timeout = Int32(clamping: moment.remaining) }
      if beforeFirstByte {
        timeout =
          timeout < 0
          ? Int32(Self.parentPollInterval) : min(timeout, Int32(Self.parentPollInterval))
      }
      let ready = poll(&items, nfds_t(items.count), timeout)
      if ready < 0, errno != EINTR { throw Failure("wait") }
      // Also where something is ready: a server may see to it that something always is.
      if beforeFirstByte, let parent, getppid() != parent { throw Self.gone }
      if ready > 0 {
        let ended = Int16(POLLERR) | Int16(POLLHUP) | Int16(POLLNVAL)
        if items[count].revents & ended != 0 || items[count + 1].revents & ended != 0 {
          throw Self.gone
        }
        if items.count > count + 2, let other, items[count + 2].revents != 0 {
          guard items[count + 2].fd != other.output else { throw Self.gone }
          items[count + 2] = .hangUp(other.output)
          continue
        }
        return true
      }
      if beforeFirstByte { onWaiting?() }
      if let moment, Moment.now >= moment { return false }
    }
  }

  /// Waits for something to read, at most until `moment` (`nil`: without limit), and reads it.
  /// - Returns: the number of bytes, 0 at the end, -1 with errno where they cannot be read; `nil` at the limit.
  /// - Throws: `.cancelled` when the caller is gone.
  public func read(
    _ descriptor: Int32, into buffer: inout [UInt8], until moment: Moment?
  ) throws(Failure) -> Int? {
    var items = [pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)]
    guard try wait(for: &items, until: moment), moment.map({ Moment.now < $0 }) ?? true else {
      return nil
    }
    return buffer.withUnsafeMutableBytes { SystemTransfer.read(descriptor, $0) }
  }

  /// Looks whether the caller is still there, without waiting: for loops that always have something
  /// to do.
  /// - Throws: `.cancelled` when the caller is gone.
  public func check() throws(Failure) {
    var none: [pollfd] = []
    _ = try wait(for: &none, until: Moment.now)
  }

  /// Waits until `moment`.
  /// - Throws: `.cancelled` when the caller is gone.
  public func sleep(until moment: Moment) throws(Failure) {
    var none: [pollfd] = []
    _ = try wait(for: &none, until: moment)
  }

  private static let gone = Failure(.cancelled, "the program that started this one has ended")
}

/// The end of another process, for poll(2).
private final class ProcessEnd: Sendable {
  private let descriptor: Descriptor

  /// - Returns: `nil` where a process has no descriptor: Linux before 5.3, and other systems.
  init?(of process: pid_t) {
    #if os(Linux) && !PORTABLE
      let number = csystem_process_descriptor(process)
      guard number >= 0 else { return nil }
      descriptor = Descriptor(owning: number)
    #else
      return nil
    #endif
  }

  var awaited: pollfd { pollfd(fd: descriptor.number, events: Int16(POLLIN), revents: 0) }
}

extension pollfd {
  /// Waits for the other end to go away. poll(2) tells that unasked; but Darwin's watches nothing at all where
  /// nothing is asked for.
  public static func hangUp(_ descriptor: Int32) -> pollfd {
    pollfd(fd: descriptor, events: Int16(POLLHUP), revents: 0)
  }
}
