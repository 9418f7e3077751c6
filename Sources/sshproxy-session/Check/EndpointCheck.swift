import Configuration
import Dialing
import OpenSSH
import Sessions
import SystemIO

/// Checks whether the session's endpoint has an address, accepts a connection and sends its version.
struct EndpointCheck {
  let plan: Plan
  let report: CheckReport
  let session: Session

  private var context: Context { plan.context }
  /// What connections go through.
  private var through: ThroughSetting? { plan.target.through }
  /// Seconds for all of it.
  private var deadline: Int { plan.configuration.connection.deadline }

  /// How long a name that has no address is looked up again, in milliseconds.
  private static let timeout = 10_000

  /// - Returns: whether the server has sent its version.
  func run() throws(Failure) -> Bool {
    if let through {
      report.add("through", .green(through.text), milliseconds: 0)
      if through.proxy == nil { return try connect([]) }
    }
    let host = (through?.proxy ?? session.endpoint).host
    var addresses: [SocketAddress] = []
    let hasName = try report.step("name") { () throws(Failure) in
      addresses = try plan.rule.addresses(
        of: session, through: through, until: Moment.now + Self.timeout,
        lookups: Moment.now + Int.milliseconds(seconds: deadline), caller: context.caller)
      return .green("\(host) is \(addresses.map(\.host).joined(separator: ", "))")
    }
    guard hasName else { return false }
    return try connect(addresses)
  }

  /// Tries until the server sends its version: a new endpoint may not be reachable yet.
  private func connect(_ addresses: [SocketAddress]) throws(Failure) -> Bool {
    let start = Moment.now
    context.liveLine.change(to: "connecting to \(session.endpoint.host)")
    let dialer = Dialer(
      DialDestination(
        addresses, through: through?.applied(to: session.endpoint), preamble: session.preamble,
        for: plan.alias.name),
      .init(
        endpoint: endpoint, alias: plan.alias.name, seconds: deadline, isDirect: through == nil),
      until: start + Int.milliseconds(seconds: deadline), caller: context.caller,
      trace: { context.trace($0) })
    do throws(Failure) {
      let version = try dialer.connect { (socket, limit) throws(Failure) -> String in
        try self.version(of: socket, until: limit)
      }
      let connected = dialer.firstOpen.map { $0 - start } ?? 0
      report.add("tcp", .green(endpoint), milliseconds: connected)
      report.add(
        "first byte", .green(version), milliseconds: max(0, Moment.now - start - connected))
      return true
    } catch {
      if error.kind == .cancelled { throw error }
      guard dialer.isOver, error.kind == .temporary else {
        report.add("tcp", .red(error), milliseconds: Moment.now - start)
        return false
      }
    }
    if let open = dialer.firstOpen {
      report.add("tcp", .green(endpoint), milliseconds: open - start)
    }
    report.add(
      dialer.firstOpen == nil ? "tcp" : "first byte",
      .red(
        "\(endpoint): \(dialer.lastError.message)",
        hint: (through == nil ? Through.hint : nil)
          ?? "is the machine running? `sshproxy close` and a new session may help",
        status: .unreachable), milliseconds: Moment.now - start)
    return false
  }

  private var endpoint: String { session.endpoint.words }

  /// The server's version, `SSH-…`.
  /// - Throws: `.temporary` when it hangs up or the time runs out.
  private func version(
    of socket: consuming Descriptor, until limit: Moment
  ) throws(Failure) -> String {
    var greeting = Greeting()
    var buffer = [UInt8](repeating: 0, count: 1024)
    while !greeting.isTooLong {
      let count = try context.caller.read(socket.number, into: &buffer, until: limit)
      guard let count, count > 0 else { break }
      greeting.take(buffer[..<count])
      if greeting.isWhole { return String(decoding: greeting.version, as: UTF8.self).sanitized() }
    }
    throw Failure(.temporary, "the server says nothing that begins an SSH connection")
  }
}
