import Configuration
import Foundation
import SystemIO
import TestSupport
import Testing

@testable import Providers

/// Which calls are made again, when, and which answers are final.
@Suite struct RetryTests {
  private func call(
    _ server: ScriptedAPI, _ repetition: Repetition, milliseconds: Int = 60_000,
    caller: HangUpMonitor = .nobody
  ) throws(Failure) -> HTTPResponse {
    let request = HTTPRequest(method: .post, base: server.url, path: ["x"], body: Array("{}".utf8))
    let hints = ProviderHints(provider: "Test", denied: "denied", notFound: "unknown")
    return try HTTPClient(caller: caller, environment: [:]).call(
      request, repetition, step: "try", until: .now + milliseconds
    ) { ErrorResponse($0).refusal(hints: hints) }
  }

  static let good = ScriptedAPI.Turn.answer(200, #""good""#)

  @Test(
    arguments: [
      .answer(408, ""), .answer(425, ""), .answer(429, ""), .answer(500, ""), .answer(502, ""),
      .answer(503, ""), .answer(504, ""), .drop,
      .answer(503, #"{"retryable": true, "error_code": "X"}"#),
    ] as [ScriptedAPI.Turn])
  func whatIsRepeatedWhereItMayBe(_ turn: ScriptedAPI.Turn) throws {
    let server = try ScriptedAPI([turn, turn, Self.good])
    #expect(try call(server, .always).json == .success(.string("good")))
    #expect(server.all.count == 3)
    #expect(Set(server.lines) == ["POST /x"])
  }

  @Test(
    arguments: [
      (400, "", .rejected), (401, "", .denied), (403, "", .denied), (404, "", .notFound),
      (409, "", .rejected), (410, "", .notFound), (418, "", .rejected), (422, "", .rejected),
      (503, #"{"retryable": false}"#, .rejected), (429, #"{"retryable": false}"#, .temporary),
      (301, "", .invalidResponse), (307, "", .invalidResponse),
    ] as [(Int, String, Failure.Kind)])
  func whatIsFinal(_ status: Int, _ body: String, _ kind: Failure.Kind) throws {
    let server = try ScriptedAPI([
      .answer(status, body, ["Location: http://127.0.0.1:1/"])
    ])
    let found = failure { try call(server, .always) }
    #expect(found?.kind == kind)
    #expect(found?.step == "try")
    #expect(server.all.count == 1)
  }

  /// A creation is sent again only where it cannot have been carried out.
  @Test(
    arguments: [
      (.answer(429, ""), 2), (.answer(503, "", ["Retry-After: 0"]), 2),
      (.answer(503, "", ["Retry-After: 1"]), 2), (.answer(503, ""), 1), (.answer(500, ""), 1),
      (.answer(408, ""), 1), (.drop, 1), (.noise("SSH-2.0-x\r\n"), 1),
    ] as [(ScriptedAPI.Turn, Int)])
  func creations(_ turn: ScriptedAPI.Turn, _ count: Int) throws {
    let server = try ScriptedAPI([turn], then: Self.good)
    if count == 1 {
      _ = failure { try call(server, .ifNotCarriedOut) }
    } else {
      #expect(try call(server, .ifNotCarriedOut).status == 200)
    }
    #expect(server.all.count == count)
  }

  @Test(.timed) func retryAfterInSeconds() throws {
    let server = try ScriptedAPI([.answer(429, "", ["Retry-After: 1"]), Self.good])
    #expect(try call(server, .ifNotCarriedOut).status == 200)
    #expect(server.all[1].time >= 950)
    try expectTime(Double(server.all[1].time) / 1000, within: 3)
  }

  @Test(.timed) func retryAfterOfTheBodyCountsMore() throws {
    let server = try ScriptedAPI([
      .answer(429, #"{"retry_after_ms": 300}"#, ["Retry-After: 20"]), Self.good,
    ])
    #expect(try call(server, .always).status == 200)
    #expect(server.all[1].time >= 290)
    try expectTime(Double(server.all[1].time) / 1000, within: 2)
  }

  /// A wait that ends after the deadline is not begun.
  @Test(.timed) func retryAfterBeyondTheDeadline() throws {
    let server = try ScriptedAPI([.answer(429, "", ["Retry-After: 60"])])
    let (found, time) = seconds { failure { try call(server, .always, milliseconds: 3000) } }
    try expectTime(time, within: 2)
    #expect(found?.kind == .temporary)
    #expect(found?.message.hasSuffix("the deadline is over") == true)
    #expect(server.all.count == 1)
  }

  @Test(.timed) func waitsGrow() throws {
    let server = try ScriptedAPI(Array(repeating: .answer(500, ""), count: 5) + [Self.good])
    _ = try call(server, .always)
    let times = server.all.map(\.time)
    #expect(times[5] - times[4] >= 150)
    try expectTime(Double(times[5]) / 1000, within: 5)
  }

  /// An option that libcurl does not take, here a URL of more than 8,000,000 bytes, is not left out.
  @Test func anOptionThatIsRefusedEndsTheCall() throws {
    let server = try ScriptedAPI([])
    let client = HTTPClient(caller: .nobody, environment: [:])
    let request = HTTPRequest(
      method: .get, base: server.url, path: [String(repeating: "a", count: 8_000_001)])
    do throws(Failure) {
      let answer = try client.send(request, until: Moment.now + 60_000)
      Issue.record("an answer: \(answer.status)")
    } catch let failure {
      #expect(failure.kind == .internalError && failure.message.contains("does not take option"))
      #expect(failure.hint?.contains("libcurl") == true)
    }
    #expect(server.all.isEmpty)
  }

  @Test(.timed, arguments: [ScriptedAPI.Turn.silence, .answer(500, "")])
  func everythingEndsAtTheDeadline(_ turn: ScriptedAPI.Turn) throws {
    let server = try ScriptedAPI([], then: turn)
    let (found, time) = seconds { failure { try call(server, .always, milliseconds: 600) } }
    try expectTime(time, within: 3)
    #expect(found?.kind == .temporary)
    #expect(time >= 0.2)
  }

  /// The last try, which the deadline cuts short, is not the reason.
  @Test func theReasonIsWhatTheProviderSaid() throws {
    let server = try ScriptedAPI([.answer(503, "")], then: .silence)
    let found = failure { try call(server, .always, milliseconds: 3000) }
    #expect(found?.kind == .temporary)
    #expect(found?.message.contains("HTTP 503") == true)
    #expect(server.all.count == 2)
  }

  @Test(arguments: [Repetition.always, .ifNotCarriedOut])
  func nobodyListens(_ repetition: Repetition) throws {
    let port = try RefusingPort()
    let request = HTTPRequest(method: .get, base: "http://127.0.0.1:\(port.number)", path: [])
    let found = failure {
      try HTTPClient(caller: .nobody, environment: [:]).call(
        request, repetition, step: "try", until: .now + 1000
      ) { _ in Refusal(failure: Failure(.internalError, "no answer can come"), isRetryable: false) }
    }
    #expect(found?.kind == .temporary)
    withExtendedLifetime(port) {}
  }

  @Test(.timed) func callerIsGone() throws {
    let server = try ScriptedAPI([.silence])
    let output = try Pipe().intoWriting()
    let (found, time) = seconds {
      failure { try call(server, .always, caller: HangUpMonitor(output: output.number)) }
    }
    try expectTime(time, within: 1)
    #expect(found?.kind == .cancelled)
  }

  @Test(arguments: [(1 << 20, true), (1 << 20 + 1, false)])
  func answersAreCapped(_ size: Int, isTaken: Bool) throws {
    let server = try ScriptedAPI([.answer(200, String(repeating: "x", count: size))])
    if isTaken {
      #expect(try call(server, .always).size == size)
    } else {
      let found = failure { try call(server, .always) }
      #expect(found?.kind == .invalidResponse)
    }
    #expect(server.all.count == 1)
  }

  @Test(arguments: [
    "SSH-2.0-OpenSSH\r\n", "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}and more\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: \(String(repeating: "x", count: 200_000))\r\n\r\n{}",
    "HTTP/1.1 200 OK\r\n\(String(repeating: "X: \(String(repeating: "x", count: 999))\r\n", count: 400))",
  ])
  func answersThatAreNoHTTP(_ noise: String) throws {
    let server = try ScriptedAPI([], then: .noise(noise))
    #expect(failure { try call(server, .always) }?.kind == .invalidResponse)
    #expect(server.all.count == 1)
  }

  /// libcurl would unpack it unasked, and of layers within each other a few bytes keep it busy for minutes.
  @Test(arguments: [
    ["gzip, chunked"], ["GZIP,chunked"], ["chunked, x-gzip"], ["\tgzip"], ["gzip", "chunked"],
    ["chunked", "gzip, gzip, gzip, gzip"],
  ])
  func answersThatArePackedAreNotUnpacked(_ codings: [String]) throws {
    // `{"a":1}` in gzip.
    let hex = "1f8b0800000000000203ab564a54b232ac0500afac1b5607000000"
    let packed = stride(from: 0, to: hex.count, by: 2).map { start -> UInt8 in
      let begin = hex.index(hex.startIndex, offsetBy: start)
      return UInt8(hex[begin..<hex.index(begin, offsetBy: 2)], radix: 16) ?? 0
    }
    let isChunked = codings.joined().contains("chunked")
    let (begin, end) =
      isChunked ? ("\(String(packed.count, radix: 16))\r\n", "\r\n0\r\n\r\n") : ("", "")
    let server = try ScriptedServer { connection, _ in
      guard APIRequest(from: connection) != nil else { return }
      let head = ["HTTP/1.1 200 OK"] + codings.map { "transfer-Encoding: \($0)" } + ["", begin]
      let reply = Array(head.joined(separator: "\r\n").utf8) + packed + Array(end.utf8)
      Reply(raw: reply).send(to: connection)
    }
    defer { server.stop() }
    let request = HTTPRequest(method: .get, base: "http://127.0.0.1:\(server.port)", path: [])
    let found = failure {
      try HTTPClient(caller: .nobody, environment: [:]).call(
        request, .always, step: "try", until: .now + 10_000
      ) { ErrorResponse($0).refusal(hints: .init(provider: "", denied: "", notFound: "")) }
    }
    #expect(found?.kind == .invalidResponse)
    #expect(found?.message.contains("nobody has asked for") == true, "\(String(describing: found))")
    #expect(server.connectionCount == 1)
  }

  /// A server that is no TLS server does not become one; one that hangs up may be restarting.
  @Test(arguments: [
    ("HTTP/1.1 400 Bad Request\r\n\r\n", Failure.Kind.unreachable), ("", .temporary),
  ])
  func serversWithoutTLS(_ said: String, _ kind: Failure.Kind) throws {
    let server = try TestSupport.ScriptedServer { connection, _ in connection.write(said) }
    let request = HTTPRequest(
      method: .get, base: "https://127.0.0.1:\(server.port)", path: [])
    let found = failure {
      try HTTPClient(caller: .nobody, environment: [:]).call(
        request, .always, step: "try", until: .now + 3000
      ) { _ in Refusal(failure: Failure(.internalError, "no answer can come"), isRetryable: false) }
    }
    #expect(found?.kind == kind, "\(String(describing: found))")
    #expect((server.connectionCount == 1) == (kind == .unreachable))
  }
}

@Suite struct RequestTests {
  @Test(arguments: [
    ("sb1", "sb1"), ("a/b", "a%2Fb"), ("..", ".."), ("a b?c#d", "a%20b%3Fc%23d"),
    ("ü", "%C3%BC"), ("%2e", "%252e"), ("A-z_0.~", "A-z_0.~"), ("a\r\nb", "a%0D%0Ab"),
  ])
  func segmentsStaySegments(_ segment: String, _ encoded: String) {
    let request = HTTPRequest(method: .get, base: "http://h", path: ["a", segment, "b"])
    // Two dots alone are what they are in any encoding (RFC 3986, 6.2.2.2); an alias has none.
    #expect(request.url == "http://h/a/\(encoded)/b")
  }

  @Test func queryFollows() {
    let request = HTTPRequest(method: .get, base: "http://h/v1", path: ["a"], query: "b=c")
    #expect(request.url == "http://h/v1/a?b=c")
  }

  @Test func headersOfACall() throws {
    let server = try ScriptedAPI([.answer(200, "{}")])
    let api = try api(server, headers: [("X-Extra", "1")])
    var request = api.request(.post, ["x"])
    request.body = Answer.encode(["a": .text("b/\""), "n": .number(3)])
    _ = try api.call(request, .always, step: "try", until: .now + 60_000) { _ in
      Refusal(failure: Failure(.internalError, "not called"), isRetryable: false)
    }
    let sent = try #require(server.all.first)
    #expect(sent.line == "POST /x HTTP/1.1")
    #expect(sent.headers["authorization"] == "Bearer secret")
    #expect(sent.headers["content-type"] == "application/json")
    #expect(sent.headers["accept"] == "application/json")
    #expect(sent.headers["user-agent"]?.hasPrefix("sshproxy/") == true)
    #expect(sent.headers["x-extra"] == "1")
    #expect(sent.headers["expect"] == nil)
    #expect(sent.body == ["a": "b/\"", "n": "3"])
  }

  /// A vendor may want the key in a header of any name; it is a secret there, too.
  @Test func aKeyInAnotherHeaderIsStruckOut() throws {
    let server = try ScriptedAPI([.answer(400, #"{"message": "bad key-0123456789"}"#)])
    let api = ProviderAPI(
      client: HTTPClient(caller: .nobody, environment: [:]), base: server.url,
      key: try APIKey("key-0123456789", origin: "a test", header: .named("X-Odd")))
    let found = failure {
      try api.ask(
        ["x"], step: "try", hints: ProviderHints(provider: "Odd", denied: "", notFound: ""),
        until: .now + 60_000)
    }
    #expect(server.all.map { $0.headers["x-odd"] } == ["key-0123456789"])
    #expect(found?.message.contains("bad ***") == true, "\(found?.message ?? "")")
  }
}
