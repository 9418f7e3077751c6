/// What a connection to an endpoint goes through, where the user has configured something.
public enum Passage: Equatable, Sendable {
  /// The endpoint as the proxy is told it: a name is the proxy's to look up.
  public struct Goal: Equatable, Sendable {
    /// Without brackets.
    public let host: String
    public let port: UInt16

    public init(host: String, port: UInt16) {
      self.host = host
      self.port = port
    }
  }

  /// A proxy that knows CONNECT (RFC 9110, section 9.3.6). `authorization` is the value of
  /// Proxy-Authorization; secret.
  case http(Goal, authorization: String?)
  /// A SOCKS proxy (RFC 1928), with a user name and password (RFC 1929) where the user is not empty;
  /// secret.
  case socks5(Goal, user: String, password: String)
  /// A command for the shell that streams on its standard input and output.
  case command(String)

  /// What a person is told when the direct way fails where the environment names a proxy, which is for
  /// the providers' APIs alone; `nil` where it names none.
  public static var hint: String? {
    let names = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
    guard let name = names.first(where: { getenv($0).map { $0.pointee != 0 } ?? false }) else {
      return nil
    }
    return "\(name) is set, and this connection went past it: if only the proxy leads out, write "
      + "through = \"http://HOST:PORT\" under [connection] in config.toml"
  }
}

/// Dials an endpoint, directly or through what the user has configured. A command that was started for
/// it ends with this object, unless it was let go.
public final class EndpointDialer {
  private let addresses: [SocketAddress]
  private let passage: Passage?
  private let alias: String
  private var helper: Child?

  /// - Parameters:
  ///   - addresses: those of the endpoint, or of the proxy that leads to it; none for a command.
  ///   - alias: whose endpoint it is, in lower case.
  public init(_ addresses: [SocketAddress], through passage: Passage?, for alias: String) {
    self.addresses = addresses
    self.alias = alias
    self.passage = passage
  }

  /// - Returns: a non-blocking socket, at whose other end the endpoint is.
  public func connect(until limit: Moment, caller: HangUpMonitor) throws(DialError) -> Descriptor {
    helper = nil
    if case .command(let text) = passage { return try start(text) }
    var dialer = Dialer(addresses)
    let socket = try dialer.connect(until: limit, caller: caller)
    let request = ProxyRequest(socket.number, until: limit, caller: caller)
    switch passage {
    case .http(let goal, let authorization): try request.connect(to: goal, authorization)
    case .socks5(let goal, let user, let password): try request.socks(to: goal, user, password)
    case .command, nil: break
    }
    return socket
  }

  /// Leaves the command to itself: somebody else has the connection now, and it ends with that.
  public func letGo() { helper.take()?.leave() }

  private func start(_ text: String) throws(DialError) -> Descriptor {
    do throws(SystemError) {
      var numbers: [Int32] = [-1, -1]
      guard socketpair(AF_UNIX, socketStreamType, 0, &numbers) == 0 else {
        throw SystemError("make a socket pair")
      }
      for number in numbers { _ = fcntl(number, F_SETFD, FD_CLOEXEC) }
      let ours = Descriptor(owning: numbers[0])
      let theirs = Descriptor(owning: numbers[1])
      helper = try Child(
        path: "/bin/sh", arguments: ["sh", "-c", "exec " + text],
        environment: Way.environment(to: alias),
        streams: .init(input: theirs.number, output: theirs.number))
      ours.setNonBlocking()
      return ours
    } catch {
      throw .failed(error)
    }
  }
}
