import Synchronization
import SystemIO

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// An HTTP server on loopback which answers one request after the other with what it was given,
/// and then with 404.
final class CannedServer: Sendable {
  struct Reply {
    var status: Int
    var body: [UInt8]
  }

  let port: UInt16
  private let listener: Int32
  private let replies = Mutex<[Reply]>([])

  init?() {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let listener = self.listener
    let isBound = withUnsafeMutableBytes(of: &address) { bytes in
      bytes.withMemoryRebound(to: sockaddr.self) { name in
        bind(listener, name.baseAddress, length) == 0 && listen(listener, 8) == 0
          && getsockname(listener, name.baseAddress, &length) == 0
      }
    }
    port = UInt16(bigEndian: address.sin_port)
    guard isBound else { return nil }
    let context = Unmanaged.passRetained(self)
    var thread = pthread_t()
    pthread_create(
      &thread, nil,
      { context in
        context.map { Unmanaged<CannedServer>.fromOpaque($0).takeUnretainedValue().serve() }
        return nil
      }, context.toOpaque())
  }

  func answer(with list: [Reply]) {
    replies.withLock { $0 = list.reversed() }
  }

  private func serve() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { continue }
      while readRequest(connection) {
        let reply = replies.withLock { $0.popLast() } ?? Reply(status: 404, body: [])
        let head =
          "HTTP/1.1 \(reply.status) Canned\r\nContent-Length: \(reply.body.count)\r\n\r\n"
        let bytes = Array(head.utf8) + reply.body
        let sent = bytes.withUnsafeBytes {
          send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent != bytes.count { break }
      }
      close(connection)
    }
  }

  /// Reads one request with its body; false at the end of the connection.
  private func readRequest(_ connection: Int32) -> Bool {
    var text = ""
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return false }
      text += String(decoding: buffer[..<count], as: UTF8.self)
      let parts = text.split(separator: "\r\n\r\n", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      let length = parts[0].split(separator: "\r\n")
        .first { $0.lowercased().hasPrefix("content-length:") }
        .flatMap { Int($0.dropFirst(15).drop { $0 == " " }) }
      if parts[1].utf8.count >= length ?? 0 { return true }
    }
  }
}
