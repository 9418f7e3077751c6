import SystemIO

/// A TCP server on 127.0.0.1, controlled step by step by a test.
public final class LoopbackListener: Sendable {
  private let socket: Descriptor
  public let port: UInt16

  /// How long any wait may last, in milliseconds.
  static let patience: Int32 = 10_000

  /// - Parameter queue: how many connections may wait to be accepted.
  public init(queue: Int32 = 16) throws {
    let number = newSocket()
    socket = Descriptor(owning: number)
    var one: Int32 = 1
    setsockopt(number, SOL_SOCKET, SO_REUSEADDR, &one, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { raw in
        bind(number, raw, length) == 0 && listen(number, queue) == 0
          && getsockname(number, raw, &length) == 0
      }
    }
    guard result else { throw Failure("listen") }
    port = UInt16(bigEndian: address.sin_port)
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

  /// The head of an HTTP request with its body.
  public func receiveRequest() throws -> String {
    var text = ""
    while !text.contains("\r\n\r\n") {
      let more = try receive(1)
      guard !more.isEmpty else { throw Failure("read a request", number: EPIPE) }
      text += more
    }
    let lengths = text.split(separator: "\r\n").filter {
      $0.lowercased().hasPrefix("content-length:")
    }
    let length = lengths.first?.split(separator: ":").last.flatMap { Int($0.dropFirst()) }
    return text + (try receive(length ?? 0))
  }

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

/// A new TCP socket, close-on-exec where it can be so from birth.
func newSocket() -> Int32 {
  #if canImport(Glibc)
    socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
  #else
    socket(AF_INET, SOCK_STREAM, 0)
  #endif
}

private func acceptConnection(_ listener: Int32) -> Int32 { accept(listener, nil, nil) }

private func isReadable(
  _ descriptor: Int32, _ milliseconds: Int32 = LoopbackListener.patience
) -> Bool {
  var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&item, 1, milliseconds) > 0
}
