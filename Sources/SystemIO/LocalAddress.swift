extension SocketAddress {
  /// Whether the address leads to this computer or to its own link alone: unspecified, loopback,
  /// link-local, multicast, broadcast and reserved ones (RFC 6890), in IPv6 also where such an IPv4
  /// address is wrapped (mapped, compatible, translated, NAT64, 6to4).
  public var isLocal: Bool {
    var bytes = [UInt8](repeating: 0, count: 16)
    guard isIPv6 else {
      return inet_pton(AF_INET, host, &bytes) != 1 || Self.isLocal(bytes[..<4])
    }
    guard inet_pton(AF_INET6, host, &bytes) == 1 else { return true }
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
  public var isOfThisComputer: Bool { isLocal || isOwn }

  /// Whether an interface has the address: what goes there then comes from there.
  private var isOwn: Bool {
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
