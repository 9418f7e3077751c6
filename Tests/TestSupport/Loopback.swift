import Synchronization
import SystemIO

/// A new TCP socket, close-on-exec.
func newSocket() -> Int32 {
  #if canImport(Glibc)
    csystem_socket(AF_INET, Int32(SOCK_STREAM.rawValue))
  #else
    csystem_socket(AF_INET, SOCK_STREAM)
  #endif
}

/// Calls with the address of a port on 127.0.0.1, as bind(2) and connect(2) want it.
func withLoopback<Result>(
  _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
    }
  }
}

/// The port that a socket is bound to.
/// - Returns: `nil` when it is bound to none.
func port(of socket: Int32) -> UInt16? {
  var address = sockaddr_in()
  var length = socklen_t(MemoryLayout<sockaddr_in>.size)
  let result = withUnsafeMutablePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(socket, $0, &length) }
  }
  return result == 0 ? UInt16(bigEndian: address.sin_port) : nil
}

/// Whether somebody listens on a port of 127.0.0.1.
public func isListening(_ port: UInt16) -> Bool { (try? Connection(to: port)) != nil }

/// Connections that fill the queue of a port of 127.0.0.1 where nobody accepts: Linux lets one or two in
/// and drops the handshakes of all others.
final class Crowd: Sendable {
  private let guests: [Int32]

  init(before port: UInt16) {
    guests = (1...4).map { _ in
      let guest = newSocket()
      _ = fcntl(guest, F_SETFL, O_NONBLOCK)
      _ = withLoopback(port) { connect(guest, $0, $1) }
      return guest
    }
  }

  deinit { for guest in guests { close(guest) } }

  /// Whether one of them is connected.
  var hasGuest: Bool {
    guests.contains { guest in
      var item = pollfd(fd: guest, events: Int16(POLLOUT), revents: 0)
      return poll(&item, 1, 0) > 0
    }
  }
}

/// A port of 127.0.0.1 that refuses: it is taken, and nobody listens.
public final class RefusingPort: Sendable {
  public let number: UInt16
  private let socket: Descriptor

  public init() throws {
    let descriptor = newSocket()
    socket = Descriptor(owning: descriptor)
    guard withLoopback(0, { bind(descriptor, $0, $1) }) == 0, let port = port(of: descriptor) else {
      throw Failure("take a port")
    }
    number = port
  }
}

private let next = Mutex(Int.random(in: 0..<10_000))

/// A port for a program that has to be told one: nobody listens there, no other test is given it,
/// and no outgoing connection takes it meanwhile, as those come from 32768 on.
public func freePort() throws -> UInt16 {
  for _ in 0..<1000 {
    let port = next.withLock { number in
      number = (number + 1) % 10_000
      return UInt16(20_000 + number)
    }
    if canListen(port) { return port }
  }
  throw Unexpected("no port from 20000 to 29999 is free")
}

private func canListen(_ port: UInt16) -> Bool {
  let number = newSocket()
  defer { close(number) }
  return withLoopback(port) { bind(number, $0, $1) } == 0
}
