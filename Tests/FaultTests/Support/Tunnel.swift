import Foundation
import TestSupport

/// A gateway: takes the line that Prime's gateway takes, and goes on to an SSH server on this
/// computer.
enum Tunnel {
  static func run(from client: Connection, to port: UInt16) {
    var first = client.read()
    while !first.isEmpty, first.range(of: "SSH-") == nil {
      let more = client.read()
      if more.isEmpty { return }
      first += more
    }
    guard let start = first.range(of: "SSH-"), let server = try? Connection(to: port) else {
      return
    }
    server.write(first[start...])
    let back = Thread {
      while case let bytes = server.read(), !bytes.isEmpty, client.write(bytes) {}
      client.interrupt()
    }
    back.start()
    while case let bytes = client.read(), !bytes.isEmpty, server.write(bytes) {}
    server.interrupt()
    while !back.isFinished { usleep(1000) }
    server.close()
  }
}

extension [UInt8] {
  /// Where a text begins.
  fileprivate func range(of text: String) -> Int? {
    let wanted = Array(text.utf8)
    return indices.first { self[$0...].starts(with: wanted) }
  }
}
