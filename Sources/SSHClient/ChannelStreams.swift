public import Relay

/// The server's output on one stream of a channel.
public struct ChannelSource: ByteSource {
  let channel: Channel
  let stream: ChannelStream

  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    channel.read(stream, into: buffer)
  }
}

/// The input of a channel. `finish` half-closes it (RFC 4254 §5.3).
public struct ChannelSink: ByteSink {
  let channel: Channel

  public mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    channel.write(bytes)
  }

  public mutating func finish() {
    channel.finish()
  }
}
