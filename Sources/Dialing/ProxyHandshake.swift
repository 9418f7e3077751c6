/// Asks a proxy, over a connection to it, for one to an endpoint. Not a byte more is read than the
/// proxy's answer: what follows is the endpoint's.
struct ProxyRequest {
  private let socket: Int32
  private let limit: Moment
  private let caller: HangUpMonitor

  /// The longest head of an answer that is read, in bytes.
  private static let longestHead = 16 * 1024

  init(_ socket: Int32, until limit: Moment, caller: HangUpMonitor) {
    self.socket = socket
    self.limit = limit
    self.caller = caller
  }

  /// HTTP's CONNECT (RFC 9110, section 9.3.6).
  /// - Throws: `.passage` where another try can help, `.refused` where the proxy says no for good.
  func connect(to goal: Passage.Goal, _ authorization: String?) throws(DialError) {
    let place =
      goal.host.contains(":") ? "[\(goal.host)]:\(goal.port)" : "\(goal.host):\(goal.port)"
    let credentials = authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
    try send(Array("CONNECT \(place) HTTP/1.1\r\nHost: \(place)\r\n\(credentials)\r\n".utf8))
    while true {
      let line = try head().prefix { $0 != 0x0d && $0 != 0x0a }
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      guard words.count >= 2, words[0].starts(with: Array("HTTP/".utf8)),
        let status = Int(String(decoding: words[1], as: UTF8.self)), (100...599).contains(status)
      else { throw .passage("the proxy does not answer as an HTTP proxy does") }
      if (100...199).contains(status) { continue }
      if (200...299).contains(status) { return }
      let reason = words.count > 2 ? String(decoding: words[2], as: UTF8.self) : ""
      let says =
        "the proxy says \(status) \(reason.sanitized(limit: 80)) to CONNECT \(place.sanitized())"
      // tinyproxy says 401 where the credentials are wrong.
      if status == 407 || status == 401 { throw .refused(Self.denied(says)) }
      guard (400...499).contains(status), ![408, 425, 429].contains(status) else {
        throw .passage(says)
      }
      throw .refused(
        Failure(
          .rejected, says, hint: "ask whoever runs the proxy to let \(place.sanitized()) through")
      )
    }
  }

  private func head() throws(DialError) -> [UInt8] {
    var bytes: [UInt8] = []
    while !bytes.suffix(4).elementsEqual([13, 10, 13, 10]),
      !bytes.suffix(2).elementsEqual([10, 10])
    {
      guard bytes.count < Self.longestHead else {
        throw .passage("the proxy's answer is longer than 16 KiB")
      }
      bytes += try receive(1)
    }
    return bytes
  }

  /// SOCKS 5 (RFC 1928), with a user name and password (RFC 1929) where there is one.
  /// - Throws: as `connect`.
  func socks(to goal: Passage.Goal, _ user: String, _ password: String) throws(DialError) {
    let methods: [UInt8] = user.isEmpty ? [0] : [0, 2]
    try send([5, UInt8(methods.count)] + methods)
    let choice = try receive(2)
    guard choice[0] == 5 else {
      throw .passage("the proxy does not answer as a SOCKS 5 proxy does")
    }
    switch choice[1] {
    case 0: break
    case 2 where !user.isEmpty:
      let (name, word) = (Array(user.utf8.prefix(255)), Array(password.utf8.prefix(255)))
      try send([1, UInt8(name.count)] + name + [UInt8(word.count)] + word)
      guard try receive(2)[1] == 0 else {
        throw .refused(Self.denied("the proxy refuses the user name or the password"))
      }
    default:
      throw .refused(Self.denied("the proxy takes no login that we have"))
    }
    try send([5, 1, 0] + Self.address(goal) + [UInt8(goal.port >> 8), UInt8(goal.port & 255)])
    let reply = try receive(4)
    guard reply[0] == 5 else { throw .passage("the proxy does not answer as a SOCKS 5 proxy does") }
    guard reply[1] == 0 else {
      let says = "the proxy says: \(Self.meaning(of: reply[1]))"
      if reply[1] == 2 {
        throw .refused(
          Failure(.rejected, says, hint: "ask whoever runs the proxy to let it through"))
      }
      throw .passage(says)
    }
    // The address that the proxy connects from, and its port.
    switch reply[3] {
    case 1: _ = try receive(4 + 2)
    case 4: _ = try receive(16 + 2)
    case 3: _ = try receive(Int(try receive(1)[0]) + 2)
    default: throw .passage("the proxy does not answer as a SOCKS 5 proxy does")
    }
  }

  private static func address(_ goal: Passage.Goal) -> [UInt8] {
    var v4 = in_addr()
    if inet_pton(AF_INET, goal.host, &v4) == 1 {
      return [1] + withUnsafeBytes(of: &v4) { Array($0) }
    }
    var v6 = in6_addr()
    if inet_pton(AF_INET6, goal.host, &v6) == 1 {
      return [4] + withUnsafeBytes(of: &v6) { Array($0) }
    }
    let name = Array(goal.host.utf8.prefix(255))
    return [3, UInt8(name.count)] + name
  }

  /// RFC 1928, section 6.
  private static func meaning(of code: UInt8) -> String {
    let words = [
      "general failure", "not allowed by its rules", "network unreachable", "host unreachable",
      "connection refused", "time to live expired", "command not supported",
      "kind of address not supported",
    ]
    return code <= words.count ? words[Int(code) - 1] : "error \(code)"
  }

  private static func denied(_ text: String) -> Failure {
    Failure(
      .denied, text, hint: "user and password of the proxy stand in \"through\" in config.toml")
  }

  private func send(_ bytes: [UInt8]) throws(DialError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      try wait(for: POLLOUT)
      let count = rest.withUnsafeBytes { SystemTransfer.send(socket, $0) }
      if count > 0 { rest = rest.dropFirst(count) }
      if count < 0, errno != EAGAIN { throw .failed(SystemError("ask the proxy")) }
    }
  }

  private func receive(_ count: Int) throws(DialError) -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      try wait(for: POLLIN)
      var buffer = [UInt8](repeating: 0, count: count - bytes.count)
      let length = buffer.withUnsafeMutableBytes { SystemTransfer.receive(socket, $0) }
      if length == 0 { throw .passage("the proxy hangs up without an answer") }
      if length < 0, errno != EAGAIN { throw .failed(SystemError("hear the proxy")) }
      bytes += buffer.prefix(max(0, length))
    }
    return bytes
  }

  private func wait(for events: Int32) throws(DialError) {
    var items = [pollfd(fd: socket, events: Int16(events), revents: 0)]
    do throws(Failure) {
      guard try caller.wait(for: &items, until: limit), Moment.now < limit else {
        throw DialErrorAtLimit.failure
      }
    } catch {
      throw error == DialErrorAtLimit.failure
        ? .passage("the proxy does not answer in time") : .cancelled(error)
    }
  }
}

private enum DialErrorAtLimit {
  static let failure = Failure(.temporary, "limit")
}
