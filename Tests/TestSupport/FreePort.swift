import Synchronization
import SystemIO

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
  #if canImport(Glibc)
    let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | O_CLOEXEC, 0)
  #else
    let number = socket(AF_INET, SOCK_STREAM, 0)
  #endif
  defer { close(number) }
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_port = port.bigEndian
  address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
  return withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      bind(number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
    }
  }
}
