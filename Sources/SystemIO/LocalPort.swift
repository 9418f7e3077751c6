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

  /// Where it listens; `nil` when the system does not say.
  public static func address(of listener: borrowing Descriptor) -> SocketAddress? {
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        getsockname(listener.number, $0, &length)
      }
    }
    guard result == 0 else { return nil }
    return SocketAddress(host: "127.0.0.1", port: UInt16(bigEndian: address.sin_port))
  }

  /// Waits for a visitor. Everybody on this computer can connect to the port, and /proc tells them which
  /// it is: who is not this user is hung up on.
  /// - Returns: the next visitor, non-blocking; `nil` at `limit`, and when the caller is gone.
  public static func accept(
    _ listener: borrowing Descriptor, _ caller: HangUpMonitor, _ limit: Moment
  ) -> Descriptor? {
    while Moment.now < limit {
      var items = [pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)]
      guard let isReady = try? caller.wait(for: &items, until: limit), isReady else { return nil }
      let number = csystem_accept(listener.number)
      guard number >= 0 else { continue }
      let visitor = Descriptor(owning: number)
      guard isOurs(visitor) else { continue }
      visitor.setNonBlocking()
      return visitor
    }
    return nil
  }

  #if os(Linux) && !PORTABLE
    /// The most that is read of the list of sockets, in bytes: 150 a socket.
    private static let longestList = 64 << 20

    /// Whether the socket at the other end is this user's, by the kernel's list (proc(5), /proc/net/tcp):
    /// after a number come the local address, the other one, and at 7 and 9 the user and the inode, which is
    /// 0 for a socket that its owner has closed. Where there is no list, or one without our own end (WSL 1),
    /// nobody is turned away.
    private static func isOurs(_ visitor: borrowing Descriptor) -> Bool {
      guard
        let file = try? Descriptor.open("/proc/net/tcp", flags: O_RDONLY),
        let list = (try? file.readAll(limit: longestList)) ?? nil
      else { return true }
      guard let theirs = SocketAddress(peerOf: visitor)?.port,
        let ours = SocketAddress(nameOf: visitor)?.port
      else { return false }
      let ends = [theirs, ours].map { port in
        Array((":" + String(0x10000 + Int(port), radix: 16, uppercase: true).dropFirst()).utf8)
      }
      let sockets = list.split(separator: UInt8(ascii: "\n"))
        .map { $0.split(separator: UInt8(ascii: " ")) }
        .filter { $0.count > 9 }
      guard sockets.contains(where: { $0[1].suffix(5) == ends[1][...] }) else { return true }
      let users = sockets.filter {
        $0[1].suffix(5) == ends[0][...] && $0[2].suffix(5) == ends[1][...]
          && $0[9] != [UInt8(ascii: "0")]
      }.map { uid_t(String(decoding: $0[7], as: UTF8.self)) }
      return !users.isEmpty && users.allSatisfy { $0 == geteuid() }
    }
  #else
    private static func isOurs(_ visitor: borrowing Descriptor) -> Bool { true }
  #endif
}

// It has a name of its own because the member above hides the C function.
private func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }
