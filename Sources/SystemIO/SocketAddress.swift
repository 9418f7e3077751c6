#if canImport(Glibc)
  let socketStreamType = Int32(SOCK_STREAM.rawValue)
  let socketDatagramType = Int32(SOCK_DGRAM.rawValue)
#else
  let socketStreamType = SOCK_STREAM
  let socketDatagramType = SOCK_DGRAM
#endif

/// A numeric IP address with a port. Names are resolved by `NameLookup`, which a static executable
/// cannot use.
public struct SocketAddress: Equatable, Sendable {
  /// The address as text, without brackets: `203.0.113.7`, `2001:db8::7`.
  public let host: String
  public let port: UInt16
  public var isIPv6: Bool { host.utf8.contains(UInt8(ascii: ":")) }

  /// - Returns: `nil` when `host` is not a numeric address (inet_pton(3)) or the port is 0.
  public init?(host: String, port: UInt16) {
    self.host = host
    self.port = port
    guard port != 0, !host.utf8.contains(0), withRaw({ _, _ in true }) != nil else { return nil }
  }

  /// The address that a socket is connected to; `nil` if there is none, or it is not an IP address.
  public init?(peerOf socket: borrowing Descriptor) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let result = withUnsafeMutableBytes(of: &storage) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { addresses in
        guard let address = addresses.baseAddress,
          getpeername(socket.number, address, &length) == 0
        else { return Int32(-1) }
        return getnameinfo(
          address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
          NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard result == 0, let number = UInt16(Self.text(port)) else { return nil }
    self.init(host: Self.text(host), port: number)
  }

  private static func text(_ characters: [CChar]) -> String {
    String(decoding: characters.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// A new non-blocking TCP socket that has begun to connect to this address, with TCP_NODELAY
  /// and keepalive on.
  public func beginConnecting() throws(Failure) -> Descriptor {
    let number = csystem_socket(isIPv6 ? AF_INET6 : AF_INET, socketStreamType)
    guard number >= 0 else { throw Failure("make a socket") }
    let descriptor = Descriptor(owning: number)
    descriptor.setNonBlocking()
    descriptor.setOption(Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    descriptor.setOption(SOL_SOCKET, SO_KEEPALIVE, 1)
    let result = withRaw { address, length in connect(number, address, length) }
    guard result == 0 || errno == EINPROGRESS || errno == EINTR else {
      throw Failure("connect")
    }
    return descriptor
  }

  /// The address as it goes over a wire: 4 or 16 bytes.
  public var bytes: [UInt8] {
    var raw = [UInt8](repeating: 0, count: isIPv6 ? 16 : 4)
    inet_pton(isIPv6 ? AF_INET6 : AF_INET, host, &raw)
    return raw
  }

  func withRaw<Result>(
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
  ) -> Result? {
    if isIPv6 {
      var raw = sockaddr_in6()
      raw.sin6_family = sa_family_t(AF_INET6)
      raw.sin6_port = port.bigEndian
      guard inet_pton(AF_INET6, host, &raw.sin6_addr) == 1 else { return nil }
      return withUnsafeBytes(of: &raw) { bytes in
        bytes.withMemoryRebound(to: sockaddr.self) {
          $0.baseAddress.map { body($0, socklen_t(bytes.count)) }
        }
      }
    }
    var raw = sockaddr_in()
    raw.sin_family = sa_family_t(AF_INET)
    raw.sin_port = port.bigEndian
    guard inet_pton(AF_INET, host, &raw.sin_addr) == 1 else { return nil }
    return withUnsafeBytes(of: &raw) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) {
        $0.baseAddress.map { body($0, socklen_t(bytes.count)) }
      }
    }
  }
}

extension Descriptor {
  /// Ends what is sent on a connection; the other direction goes on.
  public func endSending() { shutdown(number, Int32(SHUT_WR)) }

  fileprivate func setOption(_ level: Int32, _ name: Int32, _ value: Int32) {
    var value = value
    setsockopt(number, level, name, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  /// The error that a connection attempt ended with; 0 when it succeeded (SO_ERROR).
  public var pendingError: Int32 {
    var error: Int32 = 0
    var length = socklen_t(MemoryLayout<Int32>.size)
    guard getsockopt(number, SOL_SOCKET, SO_ERROR, &error, &length) == 0 else { return errno }
    return error
  }
}
