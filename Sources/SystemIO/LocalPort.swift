/// A TCP port on 127.0.0.1 that this program listens on itself.
public enum LocalPort {
  /// - Throws: `.inputOutput`.
  public static func listen() throws(Failure) -> Descriptor {
    let number = csystem_socket(AF_INET, socketStreamType)
    guard number >= 0 else { throw Failure("make a socket") }
    let listener = Descriptor(owning: number)
    listener.setNonBlocking()
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard bound == 0, systemListen(number, 4) == 0 else {
      throw Failure("listen on this computer")
    }
    return listener
  }

  /// Waits for a visitor. Everybody on this computer can connect to the port, and /proc tells them which
  /// it is: who is not this user is hung up on.
  /// - Returns: the next visitor, non-blocking; `nil` at `limit`, when the caller is gone, and when the system
  ///   lets nobody in.
  public static func accept(
    _ listener: borrowing Descriptor, _ caller: HangUpMonitor, _ limit: Moment
  ) -> Descriptor? {
    while Moment.now < limit {
      var items = [pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)]
      guard let isReady = try? caller.wait(for: &items, until: limit), isReady else { return nil }
      let number = csystem_accept(listener.number)
      guard number >= 0 else {
        // Whoever has gone again is no reason to end; a lack of descriptors would be met at once again.
        if [EAGAIN, EINTR, ECONNABORTED, EPROTO].contains(errno) { continue }
        return nil
      }
      let visitor = Descriptor(owning: number)
      guard isOurs(visitor) else { continue }
      visitor.setNonBlocking()
      return visitor
    }
    return nil
  }

  #if os(Linux) && !PORTABLE
    /// The most that is read of the list of sockets, in bytes: 150 a socket. Whoever makes it longer keeps
    /// everybody out.
    private static let longestList = 64 << 20

    /// Whether the socket at the other end is this user's, by the kernel's list (proc(5), /proc/net/tcp). Behind
    /// its number a line has the local address and the other one; its seventh field is the user, and its
    /// ninth the inode, which is 0 for a socket that its owner has closed.
    ///
    /// Addresses are compared with their ports, because a port alone is not one socket's: one of IPv6 may have
    /// the same, and it is in another list even where it connects to an IPv4 address. Where there is no
    /// list, or one without our own end (WSL 1), nobody is turned away.
    private static func isOurs(_ visitor: borrowing Descriptor) -> Bool {
      guard FilePath.isReadable("/proc/net/tcp") else { return true }
      guard let list = ProcFile.read("net/tcp", limit: longestList),
        let theirs = SocketAddress(peerOf: visitor)?.inList,
        let ours = SocketAddress(nameOf: visitor)?.inList
      else { return false }
      var hasOwnEnd = false
      var users: [uid_t?] = []
      for line in list.split(separator: UInt8(ascii: "\n")) {
        let words = line.drop { $0 != UInt8(ascii: ":") }.dropFirst(2)
        if words.starts(with: ours) { hasOwnEnd = true }
        guard words.starts(with: theirs + [UInt8(ascii: " ")] + ours) else { continue }
        let fields = words.split(separator: UInt8(ascii: " "))
        guard fields.count > 8, fields[8] != [UInt8(ascii: "0")] else { continue }
        users.append(uid_t(String(decoding: fields[6], as: UTF8.self)))
      }
      return !hasOwnEnd || (!users.isEmpty && users.allSatisfy { $0 == geteuid() })
    }
  #else
    private static func isOurs(_ visitor: borrowing Descriptor) -> Bool { true }
  #endif
}

#if os(Linux) && !PORTABLE
  extension SocketAddress {
    /// An IPv4 address with its port as the list has it: the four bytes as one number of this computer's, in
    /// hexadecimal digits, a colon, the port; `nil` for one of IPv6.
    fileprivate var inList: [UInt8]? {
      guard !isIPv6 else { return nil }
      let number = bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
      func digits(_ value: UInt64, _ count: Int) -> Substring {
        String(value + 1 << (4 * count), radix: 16, uppercase: true).dropFirst()
      }
      return Array("\(digits(UInt64(number), 8)):\(digits(UInt64(port), 4))".utf8)
    }
  }
#endif

// It has a name of its own because the member above hides the C function.
private func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }
