import Sessions
import SystemIO

/// Validator whether the session's endpoint has an address, accepts a connection and sends an SSH banner.
struct EndpointCheck {
  let context: Context
  let report: CheckReport
  let alias: String
  let session: Session
  /// What connections go through.
  let through: Through?
  let rule: EndpointRule
  /// Seconds for all of it.
  let deadline: Int

  /// How long a name that has no address is looked up again, and how long a connection may stay silent before the next try, in
  /// milliseconds.
  private static let patience = 10_000
  /// The longest line before a key exchange, in bytes (RFC 4253, section 4.2).
  private static let longestLine = 255

  /// - Returns: whether the server has sent its banner.
  func run() throws(Failure) -> Bool {
    if let through {
      report.add("through", .green(through.text), milliseconds: 0)
      if through.proxy == nil { return try knock([]) }
    }
    let place = through?.proxy ?? session.endpoint
    let (host, port) = (place.host, place.port)
    var addresses: [SocketAddress] = []
    let hasName = try report.step("name") { () throws(Failure) in
      addresses = try NameLookup.addresses(
        of: host, port: port, until: Moment.now + Self.patience,
        lookups: Moment.now + Int.milliseconds(seconds: deadline), caller: context.caller)
      if through == nil { try rule.check(addresses, of: host) }
      return .green("\(host) is \(addresses.map(\.host).joined(separator: ", "))")
    }
    guard hasName else { return false }
    return try knock(addresses)
  }

  /// Tries until the server sends its banner: a new endpoint may not be reachable yet.
  private func knock(_ addresses: [SocketAddress]) throws(Failure) -> Bool {
    let start = Moment.now
    let limit = start + Int.milliseconds(seconds: deadline)
    var backoff = Backoff(first: 100, most: 2000)
    var connected: Int?
    var lastError = ""
    context.liveLine.change(to: "connecting to \(session.endpoint.host)")
    while Moment.now < limit {
      let dialer = EndpointDialer(
        addresses, through: through?.passage(to: session.endpoint), for: alias)
      defer { withExtendedLifetime(dialer) {} }
      do throws(DialError) {
        let until = min(limit, Moment.now + Self.patience)
        let socket = try dialer.connect(until: until, caller: context.caller)
        connected = connected ?? Moment.now - start
        if let banner = try greeting(socket, until: until) {
          report.add("tcp", .green(endpoint), milliseconds: connected ?? 0)
          let rest = Moment.now - start - (connected ?? 0)
          report.add("first byte", .green(banner), milliseconds: rest)
          return true
        }
        lastError = "the server says nothing that begins an SSH connection"
      } catch {
        switch error {
        case .cancelled(let failure): throw failure
        case .failed(let reason): lastError = reason.reason
        case .passage(let reason): lastError = reason
        case .refused(let failure):
          report.add("tcp", .red(failure), milliseconds: Moment.now - start)
          return false
        }
      }
      try context.caller.sleep(until: min(limit, Moment.now + backoff.next()))
    }
    if let connected { report.add("tcp", .green(endpoint), milliseconds: connected) }
    report.add(
      connected == nil ? "tcp" : "first byte",
      .red(
        "\(endpoint): \(lastError)",
        hint: (through == nil ? Passage.hint : nil)
          ?? "is the machine running? `sshproxy close` and a new session may help",
        status: .unreachable), milliseconds: Moment.now - start)
    return false
  }

  private var endpoint: String { "\(session.endpoint.host) port \(session.endpoint.port)" }

  /// The server's line that begins with `SSH-`; `nil` when it hangs up or the time runs out.
  private func greeting(
    _ socket: borrowing Descriptor, until limit: Moment
  ) throws(DialError) -> String? {
    if !session.preamble.isEmpty {
      _ = session.preamble.withUnsafeBytes { SystemTransfer.send(socket.number, $0) }
    }
    var bytes: [UInt8] = []
    while bytes.count < 16 * 1024 {
      var items = [pollfd(fd: socket.number, events: Int16(POLLIN), revents: 0)]
      do {
        guard try context.caller.wait(for: &items, until: limit), Moment.now < limit else {
          return nil
        }
      } catch {
        throw .cancelled(error)
      }
      var buffer = [UInt8](repeating: 0, count: 1024)
      let count = buffer.withUnsafeMutableBytes { SystemTransfer.read(socket.number, $0) }
      guard count > 0 else { return nil }
      bytes += buffer[..<count]
      let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
      if let line = lines.dropLast().first(where: { $0.starts(with: Array("SSH-".utf8)) }) {
        let text = String(decoding: line.prefix(Self.longestLine), as: UTF8.self)
        return (text.last == "\r" ? String(text.dropLast()) : text).sanitized()
      }
    }
    return nil
  }
}
