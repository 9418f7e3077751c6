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
