public import Relay
public import SystemIO

/// Waits for a channel's directions, watches the caller, and keeps the connection alive. The first wait
/// gives back the memory that only the start has used.
public struct ChannelPoller: Poller {
  private let channel: Channel
  private let caller: HangUpMonitor
  private var hasWaited = false

  init(_ channel: Channel, _ caller: HangUpMonitor) {
    self.channel = channel
    self.caller = caller
  }

  /// - Throws: `.cancelled` when the caller is gone, `.unreachable` when the server answers no
  ///   keepalives.
  public mutating func wait(for awaited: [Awaited], peek: Bool) throws(Failure) -> [Bool] {
    if !hasWaited {
      // Not before the directions are set up and have been tried: that takes code which waiting does not.
      ResidentMemory.releaseStartUp()
      hasWaited = true
    }
    let connection = channel.connection
    let transport = connection.transport
    let socket = transport.socket.number
    transport.flush()
    // All streams share one socket: what a direction waits for may have been read from it already, and
    // then poll(2) would not report it. Whoever waits for us is looked at all the same.
    let isReady =
      !peek && channel.isWorthAnotherLook && awaited.contains { $0.descriptor == socket }
    var items = awaited.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    // Data that the socket has not taken yet belongs to no direction, so it has to be waited for here.
    let unsent = transport.hasUnsent ? socket : -1
    items.append(pollfd(fd: unsent, events: Int16(POLLOUT), revents: 0))
    let limit = peek || isReady ? Moment.now : connection.nextKeepalive
    _ = try caller.wait(for: &items, until: limit, beforeFirstByte: false)
    if !peek { try connection.keepAlive() }
    return items.dropLast().map { $0.revents != 0 || (isReady && $0.fd == socket) }
  }
}
