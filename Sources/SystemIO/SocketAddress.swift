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
  /// 1 to 65535.
  public let port: UInt16
  /// Whether it is one of IPv6, a wrapped IPv4 address included.
  public var isIPv6: Bool { host.utf8.contains(UInt8(ascii: ":")) }

  /// - Returns: `nil` when `host` is not a numeric address (inet_pton(3)) or the port is 0.
  public init?(host: String, port: UInt16) {
    self.host = host
    self.port = port
    guard port != 0, !host.utf8.contains(0), withRaw({ _, _ in true }) != nil else { return nil }
  }

  /// - Parameter text: as getnameinfo(3) has it. A zone (`fe80::1%eth0`, RFC 4007) is left out: what is on one link
  ///   alone is to be seen as such, and not as no address.
  package init?(found text: String, port: UInt16) {
    self.init(host: text.utf8.parts(by: "%").first.map { String(Substring($0)) } ?? "", port: port)
  }

  /// The address that a socket is connected to; `nil` if there is none, or it is not an IP address.
  public init?(peerOf socket: borrowing Descriptor) {
    self.init { getpeername(socket.number, $0, $1) }
  }

  /// A socket's own address, such as where it listens.
  public init?(nameOf socket: borrowing Descriptor) {
    self.init { getsockname(socket.number, $0, $1) }
  }

  private init?(
    _ ask: (UnsafeMutablePointer<sockaddr>, UnsafeMutablePointer<socklen_t>) -> Int32
  ) {
    var storage = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    var host = [CChar](repeating: 0, count: Int(NI_MAXHOST))
    var port = [CChar](repeating: 0, count: Int(NI_MAXSERV))
    let result = withUnsafeMutableBytes(of: &storage) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { addresses in
        guard let address = addresses.baseAddress, ask(address, &length) == 0 else {
          return Int32(-1)
        }
        return getnameinfo(
          address, length, &host, socklen_t(host.count), &port, socklen_t(port.count),
          NI_NUMERICHOST | NI_NUMERICSERV)
      }
    }
    guard result == 0, let number = UInt16(String(filled: port)) else { return nil }
    self.init(host: String(filled: host), port: number)
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

extension SocketAddress {
  /// Whether the address leads to this computer or to its own link alone: unspecified, loopback,
  /// link-local, multicast, broadcast and reserved ones (RFC 6890), in IPv6 also where such an IPv4
  /// address is wrapped (mapped, compatible, translated, NAT64, 6to4).
  public var isLocal: Bool {
    let bytes = bytes
    guard isIPv6 else { return Self.isLocal(bytes[...]) }
    // fe80::/10 and ff00::/8.
    if bytes[0] == 0xff || (bytes[0] == 0xfe && bytes[1] & 0xc0 == 0x80) { return true }
    if bytes[0] == 0x20, bytes[1] == 0x02 { return Self.isLocal(bytes[2..<6]) }
    // Before the last four bytes: ::, which ::1 has too, ::ffff:, ::ffff:0: and 64:ff9b::.
    let prefixes: [[UInt8]] = [
      Array(repeating: 0, count: 12), Array(repeating: 0, count: 10) + [0xff, 0xff],
      Array(repeating: 0, count: 8) + [0xff, 0xff, 0, 0],
      [0, 0x64, 0xff, 0x9b] + Array(repeating: 0, count: 8),
    ]
    return prefixes.contains { bytes.starts(with: $0) } && Self.isLocal(bytes[12...])
  }

  /// Whether it leads to this computer: it is local, or one of this computer's own, which any server that
  /// we have called may know.
  public var isOfThisComputer: Bool { isLocal || isReachedFromItself || isOfInterface }

  /// Whether an interface has the address, by their list; also where it is wrapped (mapped).
  private var isOfInterface: Bool {
    let mapped: [UInt8] = Array(repeating: 0, count: 10) + [0xff, 0xff]
    let isIPv4 = !isIPv6 || bytes.starts(with: mapped)
    let wanted = isIPv4 ? Array(bytes.suffix(4)) : bytes
    var list: UnsafeMutablePointer<ifaddrs>?
    guard getifaddrs(&list) == 0 else { return false }
    defer { freeifaddrs(list) }
    var next = list
    while let entry = next {
      next = entry.pointee.ifa_next
      guard let address = entry.pointee.ifa_addr,
        Int32(address.pointee.sa_family) == (isIPv4 ? AF_INET : AF_INET6)
      else { continue }
      // Behind the family and the port; with IPv6 there is a flow label in between.
      let found = UnsafeRawBufferPointer(
        start: UnsafeRawPointer(address) + (isIPv4 ? 4 : 8), count: wanted.count)
      if found.elementsEqual(wanted) { return true }
    }
    return false
  }

  /// Whether what goes there comes from there: an interface has the address, or a route of its own leads
  /// here. Of an interface's second address in one network it does not tell: that is reached from the first.
  private var isReachedFromItself: Bool {
    let number = csystem_socket(isIPv6 ? AF_INET6 : AF_INET, socketDatagramType)
    guard number >= 0 else { return false }
    let descriptor = Descriptor(owning: number)
    // On UDP this sends nothing, and chooses the address to send from.
    return withRaw { address, length in
      var source = sockaddr_storage()
      var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
      guard connect(descriptor.number, address, length) == 0 else { return false }
      return withUnsafeMutableBytes(of: &source) { source in
        guard
          let start = source.baseAddress?.assumingMemoryBound(to: sockaddr.self),
          getsockname(descriptor.number, start, &size) == 0, size == length
        else { return false }
        // Behind the family and the port; with IPv6 there is a flow label in between.
        let place = isIPv6 ? 8..<24 : 4..<8
        let target = UnsafeRawBufferPointer(start: address, count: Int(length))
        return source[place].elementsEqual(target[place])
      }
    } ?? false
  }

  private static func isLocal(_ address: ArraySlice<UInt8>) -> Bool {
    let parts = Array(address)
    return [0, 127].contains(parts[0]) || parts[0] >= 224 || (parts[0] == 169 && parts[1] == 254)
  }
}
