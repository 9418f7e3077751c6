import Foundation
import TestSupport

extension FaultTable {
  static let tcp: [Fault] = [
    Fault(
      .tcp, "the API refuses connections until the deadline", status: 75,
      says: "the deadline is over", within: Fault.atDeadline,
      makeHome: FaultHome.withoutAPI
    ) { [try $0.connect()] },
    Fault(
      .tcp, "the API refuses connections for a second", status: 0, left: .session, within: 3.5,
      makeHome: FaultHome.withoutAPI
    ) { testHome in
      let run = try testHome.start(["connect", "sb1.prime"])
      // Until the first try must have failed.
      Thread.sleep(forTimeInterval: 1)
      testHome.provider.server.open()
      return [run.end()]
    },
    Fault(
      .tcp, "the API's host drops the handshake", status: 75, says: "the deadline is over",
      within: Fault.atDeadline, makeHome: FaultHome.withoutAPI
    ) { testHome in
      try testHome.provider.server.crowdOut()
      return [try testHome.connect()]
    },
    Fault(
      .tcp, "the API hangs up before it has read the request, for ever", status: 69,
      says: "may have carried it out"
    ) { testHome in
      testHome.provider.server.setScript { _, _ in }
      return [try testHome.connect()]
    },
    Fault(
      .tcp, "the API resets each connection at once", status: 69,
      says: "may have carried it out"
    ) { testHome in
      testHome.provider.server.setScript { connection, _ in connection.reset() }
      return [try testHome.connect()]
    },
    Fault(
      .tcp, "an answer whose head never ends", status: 65,
      says: "larger than 64 KiB"
    ) { testHome in
      [try endless(testHome, "HTTP/1.1 200 OK\r\n", longHeader)]
    },
    Fault(
      .tcp, "an answer whose trailers never end", status: 65, says: "larger than 64 KiB"
    ) { testHome in
      [
        try endless(
          testHome, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", longHeader)
      ]
    },
    Fault(
      .tcp, "interim responses without an end", status: 65, says: "larger than 64 KiB"
    ) { testHome in
      [
        try endless(testHome, "", "HTTP/1.1 100 Continue\r\n\r\n"),
        try endless(testHome, "", "HTTP/1.1 103 Early Hints\r\n\(longHeader)\r\n"),
      ]
    },
    answer(
      "with a header of 200 KB", says: "header of the answer is too long",
      "X-More: \(String(repeating: "a", count: 200_000))\r\n"),
    answer(
      "in chunks, one of whose lengths is no number", says: "the answer is no HTTP (",
      "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\nzz\r\n}\r\n"),
    Fault(
      .tcp, "an answer whose body never ends", status: 65, says: "larger than 1 MiB"
    ) { testHome in
      testHome.provider.server.setScript { connection, _ in
        _ = APIRequest(from: connection)
        connection.write("HTTP/1.1 200 OK\r\n\r\n")
        Reply(raw: String(repeating: " ", count: 65_536), .endless).send(to: connection)
      }
      return [try testHome.connect()]
    },
    Fault(
      .tcp, "http_proxy is set while the API is on this computer", status: 0, left: .session
    ) { testHome in
      let proxy = testHome.keep(
        try ScriptedServer { connection, _ in connection.write("HTTP/1.1 502 x\r\n\r\n") })
      for name in ["http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy", "https_proxy"] {
        testHome.environment[name] = "http://127.0.0.1:\(proxy.port)"
      }
      let ending = try testHome.connect()
      guard proxy.connectionCount == 0 else { throw Unexpected("the key went to a proxy") }
      return [ending]
    },
  ]

  private static let longHeader = "X-More: \(String(repeating: "a", count: 1000))\r\n"

  private static func endless(_ testHome: FaultHome, _ begin: String, _ rest: String) throws
    -> ProgramEnd
  {
    testHome.wipe()
    testHome.provider.server.setScript { connection, _ in
      _ = APIRequest(from: connection)
      Reply(raw: begin + rest, .endlessTail(begin.utf8.count)).send(to: connection)
    }
    return try testHome.connect()
  }

  /// An answer that cannot be read. It is 200, and goes on with `rest` after the status line.
  private static func answer(_ name: String, says words: String, _ rest: String) -> Fault {
    Fault(.tcp, "an answer \(name)", status: 65, says: words) { testHome in
      testHome.provider.server.setScript { connection, _ in
        _ = APIRequest(from: connection)
        connection.write("HTTP/1.1 200 OK\r\n\(rest)")
      }
      return [try testHome.connect()]
    }
  }
}
