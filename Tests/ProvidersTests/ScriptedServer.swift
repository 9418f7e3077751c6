import Foundation
import Synchronization
import SystemIO
import TestSupport
import Testing

/// An HTTP server on 127.0.0.1 that answers one request after the other as its script says; `@self` in a
/// body is its URL. A request beyond the script is a failure of the test.
final class ScriptedServer: Sendable {
  enum Turn: Sendable {
    case answer(Int, _ body: String, _ headers: [String] = [])
    /// The request is read, and the connection closed.
    case drop
    /// The request is read, and nothing is said until the other side goes.
    case silence
    /// What is said is no HTTP.
    case noise(String)
  }

  struct Request: Sendable {
    let line: String
    /// By lower-case name.
    let headers: [String: String]
    let body: [String: String]
    /// Milliseconds since the first one.
    let time: Int
  }

  private let listener: LoopbackListener
  private let requests = Mutex<[(text: String, moment: Moment)]>([])
  private let script: Mutex<[Turn]>
  /// What is answered once the script is over.
  private let rest: Turn?

  var url: String { "http://127.0.0.1:\(listener.port)" }

  init(_ script: [Turn], then rest: Turn? = nil) throws {
    listener = try LoopbackListener()
    self.script = Mutex(script)
    self.rest = rest
    Thread { [weak self] in
      while let self, self.serve() {}
    }.start()
  }

  /// Serves one connection, or looks in vain for one.
  private func serve() -> Bool {
    guard listener.hasVisitor(within: 50) else { return true }
    guard let peer = try? listener.accept() else { return false }
    guard let text = try? peer.receiveRequest() else { return true }
    requests.withLock { $0.append((text, .now)) }
    let turn = script.withLock { $0.isEmpty ? nil : $0.removeFirst() } ?? rest
    switch turn {
    case .answer(let status, let text, let headers):
      let body = text.replacing("@self", with: url)
      let head = [
        "HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)", "Connection: close",
      ]
      try? peer.send((head + headers + ["", body]).joined(separator: "\r\n"))
    case .noise(let text): try? peer.send(text)
    case .silence: _ = try? peer.receiveToEnd()
    case .drop: break
    case nil: Issue.record("a request that nobody expected: \(text)")
    }
    peer.close()
    return true
  }

  var all: [Request] {
    let found = requests.withLock { $0 }
    return found.map { entry in
      let parts = entry.text.split(separator: "\r\n\r\n", maxSplits: 1)
      let lines = (parts.first ?? "").split(separator: "\r\n").map(String.init)
      let headers = lines.dropFirst().compactMap { line -> (String, String)? in
        let pair = line.split(separator: ":", maxSplits: 1)
        guard pair.count == 2 else { return nil }
        return (pair[0].lowercased(), pair[1].trimmingCharacters(in: .whitespaces))
      }
      let json =
        parts.count == 2 ? try? JSONSerialization.jsonObject(with: Data(parts[1].utf8)) : nil
      let members = (json as? [String: Any] ?? [:]).mapValues { "\($0)" }
      return Request(
        line: lines.first ?? "", headers: Dictionary(headers) { $0 + "," + $1 }, body: members,
        time: entry.moment - found[0].moment)
    }
  }

  var lines: [String] { all.map { $0.line.replacingOccurrences(of: " HTTP/1.1", with: "") } }
}
