import SystemIO

/// A TCP server on 127.0.0.1, controlled step by step by a test.
public final class LoopbackListener: Sendable {
  private let socket: Descriptor
  public let port: UInt16

  /// How long any wait may last, in milliseconds.
  static let patience = Int32(TestSupport.patience * 1000)

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
  public func accept() throws -> LoopbackPeer {
    guard isReadable(socket.number) else { throw Failure("accept", number: ETIMEDOUT) }
    let number = acceptConnection(socket.number)
    guard number >= 0 else { throw Failure("accept") }
    _ = fcntl(number, F_SETFD, FD_CLOEXEC)
    return LoopbackPeer(Descriptor(owning: number))
  }

  /// Whether somebody connects within that time.
  public func hasVisitor(within milliseconds: Int32) -> Bool {
    isReadable(socket.number, milliseconds)
  }
}

/// A connection that was accepted.
public final class LoopbackPeer {
  private var socket: Descriptor?
  private let number: Int32

  init(_ socket: consuming Descriptor) {
    number = socket.number
    self.socket = consume socket
  }

  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  public func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        SystemIO.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Failure("send") }
      rest = rest.dropFirst(count)
    }
  }

  /// - Returns: `count` bytes, or fewer if the other side ends before.
  /// - Throws: ETIMEDOUT when they do not come.
  public func receive(_ count: Int) throws -> String {
    String(decoding: try bytes(count), as: UTF8.self)
  }

  /// Everything up to the other side's end.
  public func receiveToEnd() throws -> String { try receive(.max) }

  private func bytes(_ wanted: Int) throws -> [UInt8] {
    var result: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while result.count < wanted {
      guard isReadable(number) else { throw Failure("receive", number: ETIMEDOUT) }
      let count = recv(number, &buffer, min(buffer.count, wanted - result.count), 0)
      guard count >= 0 else { throw Failure("receive") }
      if count == 0 { break }
      result += buffer[..<count]
    }
    return result
  }

  /// Half-closes the connection.
  public func finish() { shutdown(number, Int32(SHUT_WR)) }

  public func close() { socket = nil }

  /// Closes with a reset instead of an end.
  public func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(number, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout<linger>.size))
    close()
  }
}

private func acceptConnection(_ listener: Int32) -> Int32 { accept(listener, nil, nil) }

private func isReadable(
  _ descriptor: Int32, _ milliseconds: Int32 = LoopbackListener.patience
) -> Bool {
  var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&item, 1, milliseconds) > 0
}

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
