import SystemIO

/// A port on 127.0.0.1 to which no connection succeeds: its queue is full, and nobody accepts.
public final class DeafListener {
  public let port: UInt16
  private let listener: LoopbackListener
  private var queued: [Int32] = []

  public init() throws {
    listener = try LoopbackListener(queue: 0)
    port = listener.port
    // Linux lets one or two in and drops the handshakes of all others.
    for _ in 1...4 {
      guard let number = beginConnecting(to: port) else { throw Failure("connect") }
      queued.append(number)
    }
    let waiting = queued
    guard eventually({ waiting.contains(where: isConnected) }) else {
      throw Unexpected("nothing connects to 127.0.0.1")
    }
  }

  deinit { for number in queued { close(number) } }
}

private func beginConnecting(to port: UInt16) -> Int32? {
  let number = newSocket()
  guard number >= 0 else { return nil }
  _ = fcntl(number, F_SETFL, O_NONBLOCK)
  _ = withLoopback(port) { connect(number, $0, $1) }
  return number
}

private func isConnected(_ descriptor: Int32) -> Bool {
  var item = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
  return poll(&item, 1, 0) > 0
}
