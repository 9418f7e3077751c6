import Foundation
import SystemIO
import TestSupport

/// A TCP server on 127.0.0.1 that does to each connection what it is told, on a thread each.
final class ScriptedServer: @unchecked Sendable {
  /// - Parameter number: how many connections there were before this one.
  typealias Script = @Sendable (_ connection: Connection, _ number: Int) -> Void

  let port: UInt16
  private let lock = NSLock()
  private var script: Script
  private var listener: Int32
  private var connections: [Connection] = []
  private var count = 0
  private var isOver = false
  private var isOpen = false
  /// Connections that fill the queue.
  private var crowd: [Int32] = []

  /// - Parameter isListening: `false` reserves the port, and connections to it are refused.
  init(isListening: Bool = true, script: @escaping Script) throws {
    self.script = script
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = Self.address(0)
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let number = listener
    let result = withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(number, pointer, length) == 0 ? getsockname(number, pointer, &length) : -1
      }
    }
    guard result == 0 else { throw Failure("bind") }
    port = UInt16(bigEndian: address.sin_port)
    if isListening { open() }
  }

  deinit { stop() }

  /// How many connections there were.
  var connectionCount: Int { lock.withLock { count } }

  func setScript(_ script: @escaping Script) { lock.withLock { self.script = script } }

  /// Begins to listen, unless it does.
  func open() {
    let number: Int32? = lock.withLock {
      if isOpen { return nil }
      isOpen = true
      for guest in crowd { Glibc.close(guest) }
      crowd = []
      return listener
    }
    guard let number else { return }
    listen(number, 128)
    Thread { [weak self] in
      while let connection = Self.accepted(by: number) { self?.serve(connection) }
    }.start()
  }

  /// Listens, but its queue is full and nobody accepts: the handshake gets no answer.
  func crowdOut() throws {
    listen(listener, 0)
    for _ in 0..<4 {
      let guest = socket(
        AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | O_NONBLOCK, 0)
      var address = Self.address(port)
      withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          _ = connect(guest, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      crowd.append(guest)
    }
  }

  func stop() {
    let open = lock.withLock {
      isOver = true
      defer { connections = [] }
      return connections
    }
    for connection in open { connection.interrupt() }
    lock.withLock {
      shutdown(listener, Int32(SHUT_RDWR))
      if listener >= 0 { Glibc.close(listener) }
      listener = -1
      for guest in crowd { Glibc.close(guest) }
      crowd = []
    }
  }

  private func serve(_ connection: Connection) {
    let work: (Script, Int)? = lock.withLock {
      guard !isOver else { return nil }
      connections.append(connection)
      count += 1
      return (script, count - 1)
    }
    guard let (script, number) = work else { return }
    Thread { [weak self] in
      script(connection, number)
      connection.close()
      self?.forget(connection)
    }.start()
  }

  private func forget(_ connection: Connection) {
    lock.withLock { connections.removeAll { $0 === connection } }
  }

  private static func accepted(by listener: Int32) -> Connection? {
    while true {
      let number = accept(listener, nil, nil)
      if number >= 0 {
        _ = fcntl(number, F_SETFD, FD_CLOEXEC)
        return Connection(number)
      }
      guard errno == EINTR || errno == ECONNABORTED else { return nil }
    }
  }

  private static func address(_ port: UInt16) -> sockaddr_in {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    return address
  }
}
