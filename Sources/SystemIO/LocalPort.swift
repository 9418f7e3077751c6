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
      visitor.setNonBlocking()
      return visitor
    }
    return nil
  }
}

// It has a name of its own because the member above hides the C function.
private func systemListen(_ socket: Int32, _ backlog: Int32) -> Int32 { listen(socket, backlog) }
