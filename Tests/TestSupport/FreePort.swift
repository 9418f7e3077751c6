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
  let number = newSocket()
  defer { close(number) }
  return withLoopback(port) { bind(number, $0, $1) } == 0
}
