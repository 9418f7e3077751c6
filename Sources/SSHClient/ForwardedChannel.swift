internal import Relay
public import SystemIO

/// A TCP connection that the server makes for us (`direct-tcpip`, RFC 4254 §7.2).
public struct ForwardedChannel: ~Copyable {
  private let channel: Channel
  private let caller: Caller

  public var source: ChannelSource { ChannelSource(channel: channel, stream: .output) }
  public var sink: ChannelSink { ChannelSink(channel: channel) }

  fileprivate init(_ channel: Channel, _ caller: Caller) {
    self.channel = channel
    self.caller = caller
  }

  /// Relays between two descriptors of ours, which stay open, and the far end.
  /// - Returns: when the far end has said everything, or nobody reads it any more.
  /// - Throws: `.unreachable` when the connection breaks, `.inputOutput` when the output cannot be
  ///   written, `.cancelled`.
  public borrowing func run(input: Int32, output: Int32) throws(Failure) {
    LargePipe.make(of: input)
    LargePipe.make(of: output)
    var pump = Pump(
      up: CopyLane(from: DescriptorSource(input), to: sink),
      down: CopyLane(from: source, to: DescriptorSink(output)))
    var waiting = ChannelWaiting(channel, caller)
    if case .broken(let error) = try pump.run(&waiting) {
      throw channel.failure(after: error)
    }
  }
}

extension SSHSession {
  /// Asks the server to connect to `host` and `port`, as it names and reaches them.
  /// - Throws: `.failed` when it will not or cannot, and as `init`.
  public borrowing func forward(host: String, port: UInt16) throws(Failure) -> ForwardedChannel {
    let step = "go on to \(host.shown(limit: 100)) port \(port)"
    var message = ForwardRequest()
    message.string(host)
    message.number(UInt32(port))
    // Where the connection comes from: nowhere that the server could know.
    message.string("127.0.0.1")
    message.number(0)
    do throws(Failure) {
      return ForwardedChannel(
        Channel(try open("direct-tcpip", message: message.bytes, step)), caller)
    } catch {
      guard error.kind == .failed else { throw error }
      throw Failure(
        .failed, step: step, "the endpoint does not open that way: \(error.message)",
        hint: "is an SSH server running there, and does the endpoint allow forwarding?"
          + " else take the direct route: connect without --jump, route = \"direct\"")
    }
  }
}

/// The fields of a `direct-tcpip` request in wire format (RFC 4251 §5).
private struct ForwardRequest {
  private(set) var bytes: [UInt8] = []

  mutating func number(_ value: UInt32) {
    withUnsafeBytes(of: value.bigEndian) { bytes += $0 }
  }

  mutating func string(_ text: String) {
    number(UInt32(text.utf8.count))
    bytes += text.utf8
  }
}
