import SystemIO
import TestSupport
import Testing

@testable import Dialing

/// What is said to proxies, over a socket pair and without waiting: whole, and a byte at a time.
@Suite struct ProxyHandshakeTests {
  private let destination = HostAndPort(host: "sb1.example", port: 2222)

  /// - Returns: what the proxy was sent, and whether the endpoint is reached; the rest stays unread.
  private func talk(
    _ through: Through, _ answers: [UInt8], rest: String = "SSH-2.0"
  ) throws -> (asked: [UInt8], isThrough: Bool, rest: String) {
    let pair = try SocketPair()
    var proxy = try #require(ProxyHandshake(through))
    var isThrough = try proxy.advance(pair.ours)
    for byte in answers {
      #expect(!isThrough)
      _ = [byte].withUnsafeBytes { SystemTransfer.send(pair.theirs.number, $0) }
      if byte == answers.last {
        _ = Array(rest.utf8).withUnsafeBytes { SystemTransfer.send(pair.theirs.number, $0) }
      }
      isThrough = try proxy.advance(pair.ours)
      if isThrough { break }
    }
    return (
      received(pair.theirs), isThrough, String(decoding: received(pair.ours), as: UTF8.self)
    )
  }

  private func received(_ socket: borrowing Descriptor) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = buffer.withUnsafeMutableBytes { SystemTransfer.receive(socket.number, $0) }
    return Array(buffer.prefix(max(0, count)))
  }

  @Test func connectIsAskedFor() throws {
    let end = try talk(
      .http(destination, authorization: "Basic eHg="),
      Array("HTTP/1.1 200 Connection established\r\nA: b\r\n\r\n".utf8), rest: "")
    #expect(end.isThrough)
    #expect(
      String(decoding: end.asked, as: UTF8.self)
        == "CONNECT sb1.example:2222 HTTP/1.1\r\nHost: sb1.example:2222\r\n"
        + "Proxy-Authorization: Basic eHg=\r\n\r\n")
  }

  @Test(arguments: [(407, Failure.Kind.denied), (403, .rejected), (502, .temporary)])
  func connectIsRefused(status: Int, kind: Failure.Kind) {
    let failure = #expect(throws: Failure.self) {
      _ = try talk(
        .http(destination, authorization: nil), Array("HTTP/1.1 \(status) No\r\n\r\n".utf8),
        rest: "")
    }
    #expect(failure?.kind == kind)
  }

  /// One after the other for as long as it likes: as long as there is something to read, nobody looks at the
  /// clock.
  @Test func interimAnswersAreBounded() throws {
    let pair = try SocketPair()
    var proxy = try #require(ProxyHandshake(.http(destination, authorization: nil)))
    #expect(try !proxy.advance(pair.ours))
    let flood = String(repeating: "HTTP/1.1 103 Early Hints\r\n\r\n", count: 700)
    #expect(Array(flood.utf8).withUnsafeBytes { SystemTransfer.send(pair.theirs.number, $0) } > 0)
    let failure = #expect(throws: Failure.self) { _ = try proxy.advance(pair.ours) }
    #expect(failure?.message == "the proxy's answer is longer than 16 KiB", "\(failure as Any)")
  }

  @Test func afterAnInterimAnswerComesTheAnswer() throws {
    let end = try talk(
      .http(destination, authorization: nil),
      Array("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n".utf8), rest: "")
    #expect(end.isThrough)
  }

  /// What it was told may stand in its answer.
  @Test(arguments: [nil, "Basic bWU6cGFzc3dvcmQ="]) func aPasswordIsNotShown(login: String?) {
    let failure = #expect(throws: Failure.self) {
      _ = try talk(
        .http(destination, authorization: login),
        Array("HTTP/1.1 403 me:password bWU6cGFzc3dvcmQ=\r\n\r\n".utf8), rest: "")
    }
    #expect(failure?.message.contains("password") == (login == nil))
    #expect(failure?.message.contains("bWU6") == (login == nil))
    #expect(failure?.message.hasSuffix("to CONNECT sb1.example:2222") == true)
  }

  @Test func socksIsAskedFor() throws {
    let answers: [UInt8] = [5, 2, 1, 0, 5, 0, 0, 3, 4, 9, 9, 9, 9, 0, 22]
    let end = try talk(.socks5(destination, user: "me", password: "pw"), answers)
    #expect(end.isThrough)
    #expect(end.rest == "SSH-2.0")
    let name = Array("sb1.example".utf8)
    #expect(
      end.asked == [5, 2, 0, 2, 1, 2] + Array("me".utf8) + [2] + Array("pw".utf8)
        + [5, 1, 0, 3, UInt8(name.count)] + name + [8, 0xae])
  }

  @Test(arguments: [
    ([5, 0xff], Failure.Kind.denied), ([4, 0], .temporary), ([5, 0, 5, 2, 0, 1], .rejected),
  ])
  func socksIsRefused(answers: [UInt8], kind: Failure.Kind) {
    let failure = #expect(throws: Failure.self) {
      _ = try talk(.socks5(destination, user: "", password: ""), answers, rest: "")
    }
    #expect(failure?.kind == kind)
  }
}
