#if canImport(Glibc)
  public import Glibc
#else
  public import Darwin
#endif

/// Whoever waits for this program: ssh, at the other end of standard output.
///
/// Every wait of both programs goes through `wait`, so that in each phase, API calls included, the
/// program ends within a second of ssh's end. ssh's end of *input* never means that it is gone,
/// and a signal needs no code: its default action ends us, and nothing has to be tidied up.
public struct Caller {
  /// How long a parent's death, or what `interrupted` says, may stay unnoticed, in milliseconds.
  public static let patience = 200

  /// The descriptor whose reader is ssh, or -1 where none is to be watched.
  public let output: Int32
  /// The reading end of a pipe that the process that waits for us holds open, or -1.
  public let leash: Int32
  /// Called a few times a second while a wait goes on, for a sign of life.
  public var onWaiting: (() -> Void)?
  private let parent: pid_t

  /// - Parameter output: standard output where ssh reads it; -1 else.
  public init(output: Int32, leash: Int32 = -1) {
    self.output = output
    self.leash = leash
    self.parent = getppid()
  }

  /// Waits until one of `items` is ready, or until `moment`; `nil` is for ever.
  ///
  /// - Parameter beforeFirstByte: then a parent's death counts too. Afterwards it does not:
  ///   `ssh -f` and ControlPersist leave the parent behind.
  /// - Returns: whether one of the items is ready.
  /// - Throws: `.cancelled` when the caller is gone.
  public func wait(
    for items: inout [pollfd], until moment: Moment?, beforeFirstByte: Bool = true
  ) throws(Failure) -> Bool {
    let count = items.count
    // POLLERR and POLLHUP need not be asked for (poll(2)); a negative descriptor is skipped.
    items.append(pollfd(fd: output, events: 0, revents: 0))
    items.append(pollfd(fd: leash, events: 0, revents: 0))
    defer { items.removeSubrange(count...) }
    while true {
      var timeout: Int32 = -1
      if let moment { timeout = Int32(clamping: moment.remaining) }
      if beforeFirstByte {
        timeout = timeout < 0 ? Int32(Self.patience) : min(timeout, Int32(Self.patience))
      }
      let ready = poll(&items, nfds_t(items.count), timeout)
      if ready < 0, errno != EINTR { throw SystemError("wait").failure }
      if ready > 0 {
        let ended = Int16(POLLERR) | Int16(POLLHUP) | Int16(POLLNVAL)
        if items[count].revents & ended != 0 || items[count + 1].revents & ended != 0 {
          throw Self.gone
        }
        return true
      }
      if beforeFirstByte {
        if getppid() != parent { throw Self.gone }
        onWaiting?()
      }
      if let moment, Moment.now >= moment { return false }
    }
  }

  /// Waits for nothing but the time, or the caller's end.
  public func sleep(until moment: Moment) throws(Failure) {
    var none: [pollfd] = []
    _ = try wait(for: &none, until: moment)
  }

  private static let gone = Failure(.cancelled, "the program that started this one has ended")
}
