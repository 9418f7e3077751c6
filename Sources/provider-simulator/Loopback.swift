import SystemIO

/// The few socket calls that an endpoint needs, on 127.0.0.1 or another address of the loopback.
enum Loopback {
  /// An IPv4 address and a port.
  struct Place: Sendable {
    /// In the order of bytes that this computer has.
    var address: UInt32 = 0x7f00_0001
    var port: UInt16

    var host: String {
      [24, 16, 8, 0].map { String((address >> $0) & 0xff) }.joined(separator: ".")
    }

    /// ssh's own port, at an address of loopback that no other program is likely to use.
    static var standardSSH: Place {
      Place(address: 0x7f00_0000 | .random(in: 2..<0xff_ffff), port: 22)
    }
  }

  /// A TCP socket bound to `port` (0: any) of 127.0.0.1, not listening, close-on-exec.
  /// - Throws: `Misuse` with the system's reason.
  static func bound(to port: UInt16) throws -> Int32 { try bound(to: Place(port: port)) }

  static func bound(to place: Place) throws -> Int32 {
    #if canImport(Glibc)
      let descriptor = csystem_socket(AF_INET, Int32(SOCK_STREAM.rawValue))
    #else
      let descriptor = csystem_socket(AF_INET, SOCK_STREAM)
    #endif
    guard descriptor >= 0 else { throw Misuse("socket: \(reason)") }
    var on: Int32 = 1
    setsockopt(
      descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
    let result = withAddress(place) { bind(descriptor, $0, $1) }
    guard result == 0 else {
      let text = reason
      close(descriptor)
      throw Misuse("bind to \(place.host):\(place.port): \(text)")
    }
    return descriptor
  }

  static func port(of descriptor: Int32) -> UInt16 { place(of: descriptor).port }

  /// What a socket is bound to.
  static func place(of descriptor: Int32) -> Place {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        _ = getsockname(descriptor, $0, &length)
      }
    }
    return Place(
      address: UInt32(bigEndian: address.sin_addr.s_addr),
      port: UInt16(bigEndian: address.sin_port))
  }

  /// Has the connections that a listening socket of this process on `port` will accept send small
  /// answers at once. The HTTP server keeps that socket to itself and writes head and body apart,
  /// which costs 40 ms a request otherwise (Nagle's algorithm against delayed acknowledgements).
  static func sendPromptly(from port: UInt16) {
    for descriptor in Int32(3)..<256 {
      var listens: Int32 = 0
      var size = socklen_t(MemoryLayout<Int32>.size)
      guard getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0, listens != 0,
        Self.port(of: descriptor) == port
      else { continue }
      var on: Int32 = 1
      setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, size)
    }
  }

  /// A second socket on the place of `reservation`, listening and non-blocking.
  static func listening(besides reservation: Int32) throws -> Int32 {
    let descriptor = try bound(to: place(of: reservation))
    guard listen(descriptor, 4096) == 0 else {
      let text = reason
      close(descriptor)
      throw Misuse("listen: \(text)")
    }
    _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
    return descriptor
  }

  /// The next connection, close-on-exec, or `nil` where none waits.
  static func accepted(by listener: Int32) -> Int32? {
    let descriptor = csystem_accept(listener)
    return descriptor < 0 ? nil : descriptor
  }

  /// A non-blocking pipe, close-on-exec.
  static func alarm() -> (read: Int32, write: Int32) {
    var ends: [Int32] = [-1, -1]
    _ = csystem_pipe(&ends)
    for end in ends { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
    return (ends[0], ends[1])
  }

  /// The first line that comes over a fresh connection, without its line feed.
  static func greeting(of place: Place, seconds: Int) -> String? {
    guard let descriptor = try? bound(to: 0) else { return nil }
    defer { close(descriptor) }
    guard withAddress(place, { connect(descriptor, $0, $1) }) == 0 else { return nil }
    return line(from: descriptor, seconds: seconds)
  }

  /// Reads up to a line feed, one byte at a time: what follows is sshd's.
  static func line(from descriptor: Int32, seconds: Int) -> String? {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    defer {
      limit = timeval()
      setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    }
    var bytes: [UInt8] = []
    var byte: UInt8 = 0
    while bytes.count < 256, read(descriptor, &byte, 1) == 1 {
      if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
      bytes.append(byte)
    }
    return nil
  }

  private static var reason: String { String(cString: strerror(errno)) }

  private static func withAddress(
    _ place: Place, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = place.port.bigEndian
    address.sin_addr.s_addr = place.address.bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
  }
}
