/// Why there is no connection.
public enum DialError: Error, Equatable {
  /// The last address's error, or ETIMEDOUT at the deadline.
  case failed(SystemError)
  /// What the connection goes through is in trouble; another try may help.
  case passage(String)
  /// What the connection goes through refuses it for good.
  case refused(Failure)
  /// The caller is gone; see `HangUpMonitor`.
  case cancelled(Failure)
}

/// Connects to whichever of several addresses answers first: Happy Eyeballs (RFC 8305).
public struct Dialer {
  /// The wait before the next address is tried in parallel, in milliseconds (RFC 8305, section 5).
  static let attemptDelay = 250

  private final class Attempt {
    var socket: Descriptor?
    let number: Int32
    init(_ socket: consuming Descriptor) {
      number = socket.number
      self.socket = consume socket
    }
  }

  private var waiting: ArraySlice<SocketAddress>
  private var attempts: [Attempt] = []
  private var nextStart = Moment.now
  private var lastError = SystemError("connect", number: ETIMEDOUT)

  /// - Parameter addresses: in order of preference. IPv6 and IPv4 are interleaved here.
  public init(_ addresses: [SocketAddress]) {
    waiting = Self.interleaved(addresses)[...]
  }

  /// - Returns: a connected, non-blocking socket with TCP_NODELAY and keepalive on.
  public mutating func connect(until deadline: Moment, caller: HangUpMonitor) throws(DialError)
    -> Descriptor
  {
    while Moment.now < deadline {
      startAttempts()
      guard !attempts.isEmpty else { throw .failed(lastError) }
      var items = attempts.map { pollfd(fd: $0.number, events: Int16(POLLOUT), revents: 0) }
      do {
        let wake = waiting.isEmpty ? deadline : min(nextStart, deadline)
        guard try caller.wait(for: &items, until: wake) else { continue }
      } catch {
        throw .cancelled(error)
      }
      if let socket = takeWinner(items) { return socket }
    }
    throw .failed(SystemError("connect", number: ETIMEDOUT))
  }

  /// Starts the next attempt if it is due, or if there is no other.
  private mutating func startAttempts() {
    while let address = waiting.first, attempts.isEmpty || Moment.now >= nextStart {
      waiting.removeFirst()
      do {
        attempts.append(Attempt(try address.beginConnecting()))
        nextStart = Moment.now + Self.attemptDelay
      } catch {
        lastError = error
      }
    }
  }

  /// The socket of an attempt that has succeeded. Failed attempts are dropped.
  private mutating func takeWinner(_ items: [pollfd]) -> Descriptor? {
    for (item, attempt) in zip(items, attempts) where item.revents != 0 {
      let error = attempt.socket?.pendingError ?? EBADF
      if error == 0 { return attempt.socket.take() }
      lastError = SystemError("connect", number: error)
      attempts.removeAll { $0 === attempt }
      nextStart = Moment.now
    }
    return nil
  }

  private static func interleaved(_ addresses: [SocketAddress]) -> [SocketAddress] {
    let preferred = addresses.filter { $0.isIPv6 == addresses.first?.isIPv6 }
    let others = addresses.filter { $0.isIPv6 != addresses.first?.isIPv6 }
    var result: [SocketAddress] = []
    for index in 0..<max(preferred.count, others.count) {
      if index < preferred.count { result.append(preferred[index]) }
      if index < others.count { result.append(others[index]) }
    }
    return result
  }
}
