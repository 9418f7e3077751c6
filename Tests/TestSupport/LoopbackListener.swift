import SystemIO

/// A TCP server on 127.0.0.1, controlled step by step by a test.
public final class LoopbackListener: Sendable {
  private let socket: Descriptor
  public let port: UInt16

  /// - Parameter queue: how many connections may wait to be accepted.
  public init(queue: Int32 = 16) throws {
    let number = newSocket()
    socket = Descriptor(owning: number)
    var one: Int32 = 1
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    guard withLoopback(0, { bind(number, $0, $1) }) == 0, listen(number, queue) == 0,
      let port = TestSupport.port(of: number)
    else { throw Failure("listen") }
    self.port = port
  }

  /// - Throws: ETIMEDOUT when nobody comes.
  public func accept() throws -> Connection {
    guard isReadable(socket.number) else { throw Failure("accept", number: ETIMEDOUT) }
    let number = csystem_accept(socket.number)
    guard number >= 0 else { throw Failure("accept") }
    return Connection(number)
  }

  /// Whether somebody connects within that time.
  public func hasVisitor(within milliseconds: Int32) -> Bool {
    isReadable(socket.number, milliseconds)
  }
}

private func isReadable(
  _ descriptor: Int32, _ milliseconds: Int32 = Int32(timeout * 1000)
) -> Bool {
  var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&item, 1, milliseconds) > 0
}

/// A port on 127.0.0.1 to which no connection succeeds: its queue is full, and nobody accepts.
public final class DeafListener {
  public let port: UInt16
  private let listener: LoopbackListener
  private let crowd: Crowd

  public init() throws {
    listener = try LoopbackListener(queue: 0)
    port = listener.port
    let crowd = Crowd(before: port)
    guard eventually({ crowd.hasGuest }) else { throw Unexpected("nothing connects to 127.0.0.1") }
    self.crowd = crowd
  }
}
