import SystemIO

/// Asks a proxy, over a connection to it, for one to an endpoint. It never waits, and not a byte more
/// is read than the proxy's answer: what follows is the endpoint's.
struct ProxyHandshake {
  /// What the next bytes of the proxy are.
  private enum Step {
    /// HTTP: the answer's head, of which the lines so far are at hand.
    case head
    /// SOCKS: the version and the way to log in that the proxy has chosen.
    case method
    /// SOCKS: whether the login is accepted.
    case login
    /// SOCKS: the version, the reply, a zero and the kind of the address that follows.
    case reply
    /// SOCKS: how long the name is that follows.
    case nameLength
    /// SOCKS: the address that the proxy connects from, with its port.
    case bound
    case done
  }

  private let destination: HostAndPort
  /// Whether the proxy has been told a password: then its words may quote it.
  private let knowsPassword: Bool
  private var credentials: (user: String, password: String) = ("", "")
  private var step: Step
  private var outgoing: [UInt8]
  private var incoming: [UInt8] = []
  /// How many bytes make the step complete.
  private var wanted: Int
  /// In bytes, of the interim answers so far.
  private var interim = 0

  /// The longest head of an answer that is read, in bytes, with all interim answers before it: a proxy that
  /// sends them without end would keep us from ever looking at the clock.
  private static let longestHead = 16 * 1024

  /// - Returns: `nil` for a way on which nobody has to be asked.
  init?(_ through: Through?) {
    switch through {
    case .http(let destination, let authorization):
      (self.destination, knowsPassword) = (destination, authorization != nil)
      let credentials = authorization.map { "Proxy-Authorization: \($0)\r\n" } ?? ""
      let place = destination.text
      outgoing = Array("CONNECT \(place) HTTP/1.1\r\nHost: \(place)\r\n\(credentials)\r\n".utf8)
      (step, wanted) = (.head, 1)
    case .socks5(let destination, let user, let password):
      (self.destination, knowsPassword) = (destination, false)
      credentials = (user, password)
      let methods: [UInt8] = user.isEmpty ? [0] : [0, 2]
      outgoing = [5, UInt8(methods.count)] + methods
      (step, wanted) = (.method, 2)
    case .command, nil: return nil
    }
  }

  /// What to wait for.
  var events: Int16 { Int16(outgoing.isEmpty ? POLLIN : POLLOUT) }

  /// Does what can be done without waiting.
  /// - Returns: whether the endpoint is at the other end now.
  /// - Throws: `.temporary` where another try can help, `.denied` or `.rejected` where the proxy says no for
  ///   good.
  mutating func advance(_ socket: borrowing Descriptor) throws(Failure) -> Bool {
    while true {
      if !outgoing.isEmpty {
        let count = outgoing.withUnsafeBytes { SystemTransfer.send(socket.number, $0) }
        if count < 0, errno == EAGAIN { return false }
        guard count >= 0 else { throw .unconnected(errno) }
        outgoing.removeFirst(count)
        continue
      }
      if case .done = step { return true }
      var buffer = [UInt8](repeating: 0, count: wanted - incoming.count)
      let count = buffer.withUnsafeMutableBytes { SystemTransfer.receive(socket.number, $0) }
      if count == 0 { throw .proxyFailed("the proxy hangs up without an answer") }
      if count < 0, errno == EAGAIN { return false }
      guard count > 0 else { throw .unconnected(errno) }
      incoming += buffer.prefix(count)
      if incoming.count == wanted { try takeStep() }
    }
  }

  private mutating func takeStep() throws(Failure) {
    let bytes = incoming
    switch step {
    case .head: return try takeHead()
    case .method: try choose(bytes)
    case .login:
      guard bytes[1] == 0 else {
        throw .proxyDenies("the proxy refuses the user name or the password")
      }
      ask()
    case .reply: try takeReply(bytes)
    case .nameLength: expect(.bound, Int(bytes[0]) + 2)
    case .bound: expect(.done, 0)
    case .done: break
    }
  }

  private mutating func expect(_ next: Step, _ count: Int) {
    (step, wanted, incoming) = (next, count, [])
  }

  /// HTTP's CONNECT (RFC 9110, section 9.3.6): reads on until the head is whole.
  private mutating func takeHead() throws(Failure) {
    guard
      incoming.suffix(4).elementsEqual([13, 10, 13, 10])
        || incoming.suffix(2).elementsEqual([10, 10])
    else {
      guard interim + incoming.count < Self.longestHead else {
        throw .proxyFailed("the proxy's answer is longer than 16 KiB")
      }
      wanted += 1
      return
    }
    let line = incoming.prefix { $0 != 0x0d && $0 != 0x0a }
    let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
    guard parts.count >= 2, parts[0].starts(with: Array("HTTP/".utf8)),
      let status = Int(String(decoding: parts[1], as: UTF8.self)), (100...599).contains(status)
    else { throw .proxyFailed("the proxy does not answer as an HTTP proxy does") }
    if (100...199).contains(status) {
      interim += incoming.count
      return expect(.head, 1)
    }
    if (200...299).contains(status) { return expect(.done, 0) }
    let reason = parts.count > 2 && !knowsPassword ? String(decoding: parts[2], as: UTF8.self) : ""
    let place = destination.text.sanitized()
    let words = [String(status), reason.sanitized(limit: 80)].filter { !$0.isEmpty }
    let says = "the proxy says \(words.joined(separator: " ")) to CONNECT \(place)"
    // tinyproxy says 401 where the credentials are wrong.
    if status == 407 || status == 401 { throw .proxyDenies(says) }
    guard (400...499).contains(status), ![408, 425, 429].contains(status) else {
      throw .proxyFailed(says)
    }
    throw Failure(.rejected, says, hint: "ask whoever runs the proxy to let \(place) through")
  }

  /// SOCKS 5 (RFC 1928), with a user name and password (RFC 1929) where there is one.
  private mutating func choose(_ bytes: [UInt8]) throws(Failure) {
    guard bytes[0] == 5 else { throw .proxyFailed(Self.noSocks) }
    switch bytes[1] {
    case 0: ask()
    case 2 where !credentials.user.isEmpty:
      let name = Array(credentials.user.utf8.prefix(255))
      let word = Array(credentials.password.utf8.prefix(255))
      outgoing = [1, UInt8(name.count)] + name + [UInt8(word.count)] + word
      expect(.login, 2)
    default: throw .proxyDenies("the proxy takes no login that we have")
    }
  }

  private mutating func ask() {
    outgoing =
      [5, 1, 0] + destination.bytes + [UInt8(destination.port >> 8), UInt8(destination.port & 255)]
    expect(.reply, 4)
  }

  private mutating func takeReply(_ bytes: [UInt8]) throws(Failure) {
    guard bytes[0] == 5 else { throw .proxyFailed(Self.noSocks) }
    guard bytes[1] == 0 else {
      let says = "the proxy says: \(Self.meaning(of: bytes[1]))"
      guard bytes[1] == 2 else { throw .proxyFailed(says) }
      throw Failure(.rejected, says, hint: "ask whoever runs the proxy to let it through")
    }
    switch bytes[3] {
    case 1: expect(.bound, 4 + 2)
    case 4: expect(.bound, 16 + 2)
    case 3: expect(.nameLength, 1)
    default: throw .proxyFailed(Self.noSocks)
    }
  }

  private static let noSocks = "the proxy does not answer as a SOCKS 5 proxy does"

  /// RFC 1928, section 6.
  private static func meaning(of code: UInt8) -> String {
    let words = [
      "general failure", "not allowed by its rules", "network unreachable", "host unreachable",
      "connection refused", "time to live expired", "command not supported",
      "kind of address not supported",
    ]
    return code <= words.count ? words[Int(code) - 1] : "error \(code)"
  }
}

extension HostAndPort {
  /// The host as SOCKS wants it: the kind of address, then the address or the length and the name.
  fileprivate var bytes: [UInt8] {
    if let address = SocketAddress(host: host, port: port) {
      return [address.isIPv6 ? 4 : 1] + address.bytes
    }
    let name = Array(host.utf8.prefix(255))
    return [3, UInt8(name.count)] + name
  }
}

extension Failure {
  /// What the connection goes through does not work; another try may help.
  static func proxyFailed(_ text: String) -> Failure { Failure(.temporary, text) }

  fileprivate static func proxyDenies(_ text: String) -> Failure {
    Failure(
      .denied, text, hint: "user and password of the proxy stand in \"through\" in config.toml")
  }
}
