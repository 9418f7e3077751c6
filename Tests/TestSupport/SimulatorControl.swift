import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// One HTTP request to the simulator on 127.0.0.1, over a plain blocking socket of its own.
struct SimulatorControl {
  var port: UInt16

  /// - Parameter body: posted; `nil` makes it a GET.
  /// - Returns: the answer's body.
  /// - Throws: `Simulator.Broken` when the simulator does not answer, or not with 200.
  func answer(to name: String, posting body: String?) throws -> Data {
    let descriptor = try connection()
    defer { close(descriptor) }
    let method = body == nil ? "GET" : "POST"
    let bytes = Array((body ?? "").utf8)
    let head = [
      "\(method) /_simulator/\(name) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close",
      "Content-Type: application/json", "Content-Length: \(bytes.count)", "", "",
    ]
    let request = Array(head.joined(separator: "\r\n").utf8) + bytes
    var sent = 0
    while sent < request.count {
      let count = request[sent...].withUnsafeBytes {
        send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw Simulator.Broken(description: "the simulator is gone") }
      sent += count
    }
    var answer = Data()
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
      answer += buffer[..<count]
    }
    guard let end = answer.range(of: Data("\r\n\r\n".utf8)) else {
      throw Simulator.Broken(description: "the simulator did not answer \(name)")
    }
    let content = answer[end.upperBound...]
    guard answer.starts(with: Data("HTTP/1.1 200 ".utf8)) else {
      throw Simulator.Broken(description: String(decoding: content, as: UTF8.self))
    }
    return Data(content)
  }

  private func connection() throws -> Int32 {
    let descriptor = newSocket()
    let result = withLoopback(port) { connect(descriptor, $0, $1) }
    guard result == 0 else {
      close(descriptor)
      throw Simulator.Broken(description: "the simulator does not listen")
    }
    return descriptor
  }
}
