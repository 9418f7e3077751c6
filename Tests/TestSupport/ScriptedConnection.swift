import Foundation
import SystemIO

/// One connection, used with blocking calls: by a scripted server on a thread of its own, or step by step by a
/// test, which is thrown what goes wrong. A server's end may be interrupted from another thread: the lock keeps
/// the descriptor, which is all that changes.
public final class Connection: @unchecked Sendable {
  private let lock = NSLock()
  private var number: Int32

  /// - Parameter number: a connected socket, which is this object's from now on.
  public init(_ number: Int32) {
    self.number = number
  }

  /// Connects to a port of 127.0.0.1.
  public convenience init(to port: UInt16) throws {
    let number = newSocket()
    guard withLoopback(port, { connect(number, $0, $1) }) == 0 else {
      let failure = Failure("connect")
      SystemIO.close(number)
      throw failure
    }
    self.init(number)
  }

  deinit { close() }

  /// -1 once it is closed.
  public var descriptor: Int32 { lock.withLock { number } }

  /// What comes next; empty at the end, on an error, and after `seconds` without a byte.
  public func read(within seconds: Double = 30) -> [UInt8] {
    ((try? next(within: seconds)) ?? nil) ?? []
  }

  /// - Returns: what comes next, empty at the end; `nil` after `seconds` without a byte.
  private func next(within seconds: Double, most: Int = .max) throws -> [UInt8]? {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard item.fd >= 0 else { throw Failure("receive", number: EBADF) }
    guard poll(&item, 1, Int32(seconds * 1000)) > 0 else { return nil }
    var buffer = [UInt8](repeating: 0, count: min(65_536, most))
    let count = recv(item.fd, &buffer, buffer.count, 0)
    guard count >= 0 else { throw Failure("receive") }
    return Array(buffer[..<count])
  }

  /// Reads until nothing more comes.
  public func readAll(within seconds: Double = 30) -> [UInt8] {
    var result: [UInt8] = []
    while case let bytes = read(within: seconds), !bytes.isEmpty { result += bytes }
    return result
  }

  /// - Returns: whether all of it went out.
  @discardableResult
  public func write(_ bytes: some Collection<UInt8>) -> Bool {
    var rest = Array(bytes)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes {
        SystemIO.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  public func write(_ text: String) { write(Array(text.utf8)) }

  public func send(_ text: String) throws { try send(Array(text.utf8)) }

  public func send(_ bytes: [UInt8]) throws {
    guard write(bytes) else { throw Failure("send") }
  }

  /// - Returns: `wanted` bytes, or fewer if the other side ends before.
  /// - Throws: ETIMEDOUT when they do not come.
  public func receive(_ wanted: Int) throws -> String {
    var result: [UInt8] = []
    while result.count < wanted {
      guard let bytes = try next(within: timeout, most: wanted - result.count) else {
        throw Failure("receive", number: ETIMEDOUT)
      }
      if bytes.isEmpty { break }
      result += bytes
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// Everything up to the other side's end.
  public func receiveToEnd() throws -> String { try receive(.max) }

  /// Ends what we say; the other side may go on.
  public func finish() { shutdown(descriptor, Int32(SHUT_WR)) }

  /// Ends the connection with RST instead of FIN.
  public func reset() {
    var linger = linger(l_onoff: 1, l_linger: 0)
    setsockopt(
      descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
    close()
  }

  public func close() {
    lock.withLock {
      if number >= 0 { SystemIO.close(number) }
      number = -1
    }
  }

  /// Wakes a thread that reads or writes; it closes the connection itself.
  public func interrupt() { shutdown(descriptor, Int32(SHUT_RDWR)) }
}
