import Foundation
import SystemIO

/// One accepted connection of a scripted server, used on a thread of its own with blocking calls.
public final class Connection: @unchecked Sendable {
  private let lock = NSLock()
  private var number: Int32

  /// - Parameter number: a connected socket, which is this object's from now on.
  public init(_ number: Int32) {
    self.number = number
  }

  deinit { close() }

  /// -1 once it is closed.
  public var descriptor: Int32 { lock.withLock { number } }

  /// What comes next; empty at the end, on an error, and after `seconds` without a byte.
  public func read(within seconds: Double = 30) -> [UInt8] {
    var item = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard item.fd >= 0, poll(&item, 1, Int32(seconds * 1000)) > 0 else { return [] }
    var buffer = [UInt8](repeating: 0, count: 65_536)
    let count = recv(item.fd, &buffer, buffer.count, 0)
    return count > 0 ? Array(buffer[..<count]) : []
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
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      rest = rest.dropFirst(count)
    }
    return true
  }

  public func write(_ text: String) { write(Array(text.utf8)) }

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
