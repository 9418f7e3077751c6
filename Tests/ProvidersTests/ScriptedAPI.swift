import Foundation
import Synchronization
import SystemIO
import TestSupport
import Testing

/// An HTTP server on 127.0.0.1 that answers one request after the other as its script says; `@self` in a
/// body is its URL. A request beyond the script is a failure of the test.
final class ScriptedAPI: Sendable {
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

  private let server: ScriptedServer
  private let requests = Mutex<[(request: APIRequest, moment: Moment)]>([])
  private let script: Mutex<[Turn]>
  /// What is answered once the script is over.
  private let rest: Turn?

  var url: String { "http://127.0.0.1:\(server.port)" }

  init(_ script: [Turn], then rest: Turn? = nil) throws {
    self.script = Mutex(script)
    self.rest = rest
    server = try ScriptedServer { _, _ in }
    server.setScript { [weak self] connection, _ in self?.serve(connection) }
  }

  deinit { server.stop() }

  private func serve(_ connection: Connection) {
    guard let request = APIRequest(from: connection) else { return }
    requests.withLock { $0.append((request, .now)) }
    let turn = script.withLock { $0.isEmpty ? nil : $0.removeFirst() } ?? rest
    switch turn {
    case .answer(let status, let body, let headers):
      Reply(status, body.replacing("@self", with: url), headers: headers).send(to: connection)
    case .noise(let text): connection.write(text)
    case .silence: _ = connection.readAll()
    case .drop: break
    case nil: Issue.record("a request that nobody expected: \(request.head)")
    }
  }

  var all: [Request] {
    let found = requests.withLock { $0 }
    return found.map { entry in
      let json = try? JSONSerialization.jsonObject(with: Data(entry.request.body))
      return Request(
        line: entry.request.line, headers: entry.request.headers,
        body: (json as? [String: Any] ?? [:]).mapValues { "\($0)" },
        time: entry.moment - found[0].moment)
    }
  }

  var lines: [String] { all.map { $0.line.replacingOccurrences(of: " HTTP/1.1", with: "") } }
}
