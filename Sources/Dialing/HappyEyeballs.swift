import SystemIO

/// Connects to whichever of several addresses answers first: Happy Eyeballs (RFC 8305). It never
/// waits: `DialAttempt` does.
struct HappyEyeballs {
  /// The wait before the next address is tried in parallel, in milliseconds (RFC 8305, section 5).
  static let attemptDelay = 250

  private final class Handshake {
    var socket: Descriptor?
    let number: Int32
    init(_ socket: consuming Descriptor) {
      number = socket.number
      self.socket = consume socket
    }
  }

  private var waiting: ArraySlice<SocketAddress>
  private var handshakes: [Handshake] = []
  private var nextStart: Moment
  private var lastError = Failure.unconnected(ETIMEDOUT)

  /// - Parameter addresses: in order of preference. IPv6 and IPv4 are interleaved here.
  init(_ addresses: [SocketAddress], at now: Moment) {
    waiting = Self.interleaved(addresses)[...]
    nextStart = now
    begin(at: now)
  }

  /// What to wait for.
  var awaited: [pollfd] {
    handshakes.map { pollfd(fd: $0.number, events: Int16(POLLOUT), revents: 0) }
  }

  /// When there is something to do even if nothing that is waited for is ready; `nil` for never.
  var wake: Moment? {
    if handshakes.isEmpty { return nextStart }
    return waiting.isEmpty ? nil : nextStart
  }

  /// - Parameter items: `awaited` after the wait.
  /// - Returns: a connected, non-blocking socket with TCP_NODELAY and keepalive on; `nil` as long as there
  ///   is none.
  /// - Throws: the last address's error when all have failed.
  mutating func advance(_ items: [pollfd], at now: Moment) throws(Failure) -> Descriptor? {
    for (item, handshake) in zip(items, handshakes) where item.revents != 0 {
      let error = handshake.socket?.pendingError ?? EBADF
      if error == 0 { return handshake.socket.take() }
      lastError = .unconnected(error)
      handshakes.removeAll { $0 === handshake }
      nextStart = now
    }
    begin(at: now)
    if handshakes.isEmpty { throw lastError }
    return nil
  }

  /// Begins with the next address if it is due, or if there is no other.
  private mutating func begin(at now: Moment) {
    while let address = waiting.first, handshakes.isEmpty || now >= nextStart {
      waiting.removeFirst()
      do {
        handshakes.append(Handshake(try address.beginConnecting()))
        nextStart = now + Self.attemptDelay
      } catch {
        lastError = .unconnected(error.number)
      }
    }
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

extension Failure {
  /// Why there is no connection: `.temporary`, since another try may help, but where this process has no
  /// descriptor to spare.
  /// - Parameter number: errno(3).
  static func unconnected(_ number: Int32) -> Failure {
    let error = Failure("connect", number: number)
    if number == EMFILE || number == ENFILE { return error }
    return Failure(.temporary, error.message, cause: .system(number))
  }
}
