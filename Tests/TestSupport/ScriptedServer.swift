import Foundation
import SystemIO

/// A TCP server on 127.0.0.1 that does to each connection what it is told, on a thread each. All that changes
/// is under the lock.
public final class ScriptedServer: @unchecked Sendable {
  /// - Parameter number: how many connections there were before this one.
  public typealias Script = @Sendable (_ connection: Connection, _ number: Int) -> Void

  public let port: UInt16
  private let lock = NSLock()
  private var script: Script
  private var listener: Int32
  private var connections: [Connection] = []
  private var count = 0
  private var isOver = false
  private var isOpen = false
  private var crowd: Crowd?

  /// - Parameter isListening: `false` reserves the port, and connections to it are refused.
  public init(isListening: Bool = true, script: @escaping Script) throws {
    self.script = script
    listener = newSocket()
    let number = listener
    guard withLoopback(0, { bind(number, $0, $1) }) == 0, let port = TestSupport.port(of: number)
    else { throw Failure("bind") }
    self.port = port
    if isListening { open() }
  }

  deinit { stop() }

  /// How many connections there were.
  public var connectionCount: Int { lock.withLock { count } }

  public func setScript(_ script: @escaping Script) { lock.withLock { self.script = script } }

  /// Begins to listen, unless it does.
  public func open() {
    let number: Int32? = lock.withLock {
      if isOpen { return nil }
      isOpen = true
      crowd = nil
      return listener
    }
    guard let number else { return }
    listen(number, 128)
    Thread { [weak self] in
      while let connection = Self.accepted(by: number) { self?.serve(connection) }
    }.start()
  }

  /// Listens, but its queue is full and nobody accepts: the handshake gets no answer.
  public func crowdOut() throws {
    lock.withLock {
      listen(listener, 0)
      crowd = Crowd(before: port)
    }
  }

  public func stop() {
    let open = lock.withLock {
      isOver = true
      defer { connections = [] }
      return connections
    }
    for connection in open { connection.interrupt() }
    lock.withLock {
      shutdown(listener, Int32(SHUT_RDWR))
      if listener >= 0 { SystemIO.close(listener) }
      listener = -1
      crowd = nil
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
      let number = csystem_accept(listener)
      if number >= 0 { return Connection(number) }
      guard errno == EINTR || errno == ECONNABORTED else { return nil }
    }
  }
}
