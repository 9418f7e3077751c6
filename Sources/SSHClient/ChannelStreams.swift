public import Relay

/// What the server says on one stream of a channel.
public struct ChannelSource: ByteSource {
  let channel: Channel
  let stream: ChannelStream

  public mutating func read(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    channel.read(stream, into: buffer)
  }
}

/// What is said to the server on a channel. `finish` is the half-close (RFC 4254 §5.3).
public struct ChannelSink: ByteSink {
  let channel: Channel

  public mutating func write(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    channel.write(bytes)
  }

  public mutating func finish() {
    channel.finish()
  }
}
