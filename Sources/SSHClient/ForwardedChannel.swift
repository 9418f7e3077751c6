internal import OpenSSH
internal import Relay
public import SystemIO

/// A TCP connection that the server makes for us (`direct-tcpip`, RFC 4254 §7.2).
public struct ForwardedChannel: ~Copyable {
  private let channel: Channel
  private let caller: HangUpMonitor

  private var source: ChannelSource { ChannelSource(channel: channel, stream: .output) }
  private var sink: ChannelSink { ChannelSink(channel: channel) }

  fileprivate init(_ channel: Channel, _ caller: HangUpMonitor) {
    self.channel = channel
    self.caller = caller
  }

  /// Relays between two descriptors of ours, which stay open, and the far end. Returns when the far
  /// end has closed the connection, or nobody reads the output any more.
  /// - Parameter confine: as in `ExecChannel.run`.
  /// - Throws: `.unreachable` when the connection breaks, `.inputOutput` when the output cannot be
  ///   written, `.cancelled`.
  public borrowing func run(
    input: Int32, output: Int32, confine: () -> Void = {}
  ) throws(Failure) {
    LargePipe.enlarge(input)
    LargePipe.enlarge(output)
    var pump = Pump(
      up: CopyDirection(from: DescriptorSource(input), to: sink, capacity: Channel.writingPortion),
      down: CopyDirection(from: source, to: DescriptorSink(output)))
    confine()
    var poller = ChannelPoller(channel, caller)
    if case .broken(let error) = try pump.run(&poller) {
      throw channel.failure(after: error)
    }
  }
}

extension SSHSession {
  /// Asks the server to connect to `host`, a name that the server resolves, and `port`.
  /// - Throws: `.rejected` when it will not or cannot, and as `init`.
  public borrowing func forward(host: String, port: UInt16) throws(Failure) -> ForwardedChannel {
    let place = HostAndPort(host: host.sanitized(limit: 100), port: port)
    let step = "go on to \(place.words)"
    var message = WireWriter()
    message.string(host.utf8)
    message.uint32(Int(port))
    // The originator's address and port: there is none that the server could use.
    message.string("127.0.0.1".utf8)
    message.uint32(0)
    do throws(Failure) {
      return ForwardedChannel(
        Channel(try open("direct-tcpip", message: message.bytes, step)), caller)
    } catch {
      guard error.kind == .rejected else { throw error }
      throw Failure(
        .rejected, step: step, "the endpoint does not open that way: \(error.message)",
        hint: "is an SSH server running there, and does the endpoint allow forwarding?"
          + " else take the direct route: connect without --jump, route = \"direct\"")
    }
  }
}
