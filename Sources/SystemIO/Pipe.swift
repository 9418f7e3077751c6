/// The two ends of a new pipe, close-on-exec from birth where the system knows that.
public struct Pipe: ~Copyable, Sendable {
  public let reading: Descriptor
  public let writing: Descriptor

  public init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard csystem_pipe(&ends) == 0 else { throw Failure("make a pipe") }
    reading = Descriptor(owning: ends[0])
    writing = Descriptor(owning: ends[1])
  }

  /// Keeps the reading end and closes the other.
  public consuming func intoReading() -> Descriptor { reading }

  /// Keeps the writing end and closes the other.
  public consuming func intoWriting() -> Descriptor { writing }
}

/// Two connected Unix sockets, close-on-exec from birth where the system knows that.
public struct SocketPair: ~Copyable, Sendable {
  public let ours: Descriptor
  /// The end for a child.
  public let theirs: Descriptor

  public init() throws(Failure) {
    var ends: [Int32] = [-1, -1]
    guard csystem_socket_pair(&ends) == 0 else { throw Failure("make a socket pair") }
    ours = Descriptor(owning: ends[0])
    theirs = Descriptor(owning: ends[1])
  }

  /// Keeps our end and closes the other.
  public consuming func intoOurs() -> Descriptor { ours }
}
