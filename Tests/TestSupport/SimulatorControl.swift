import Foundation

/// One HTTP request to the simulator on 127.0.0.1, over a connection of its own.
struct SimulatorControl {
  var port: UInt16

  /// - Parameter body: posted; `nil` makes it a GET.
  /// - Returns: the answer's body.
  /// - Throws: `Simulator.Broken` when the simulator does not answer, or not with 200.
  func answer(to name: String, posting body: String?) throws -> Data {
    guard let connection = try? Connection(to: port) else {
      throw Simulator.Broken(description: "the simulator does not listen")
    }
    let method = body == nil ? "GET" : "POST"
    let bytes = Array((body ?? "").utf8)
    let head = [
      "\(method) /_simulator/\(name) HTTP/1.1", "Host: 127.0.0.1:\(port)", "Connection: close",
      "Content-Type: application/json", "Content-Length: \(bytes.count)", "", "",
    ]
    let request = Array(head.joined(separator: "\r\n").utf8) + bytes
    guard connection.write(request) else {
      throw Simulator.Broken(description: "the simulator is gone")
    }
    let answer = Data(connection.readAll(within: timeout))
    guard let end = answer.range(of: Data("\r\n\r\n".utf8)) else {
      throw Simulator.Broken(description: "the simulator did not answer \(name)")
    }
    let content = answer[end.upperBound...]
    guard answer.starts(with: Data("HTTP/1.1 200 ".utf8)) else {
      throw Simulator.Broken(description: String(decoding: content, as: UTF8.self))
    }
    return Data(content)
  }
}
