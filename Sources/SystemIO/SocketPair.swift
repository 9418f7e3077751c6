/// Two connected Unix sockets, close-on-exec.
public struct SocketPair: ~Copyable, Sendable {
  public let ours: Descriptor
  /// The end for a child.
  public let theirs: Descriptor

  public init() throws(SystemError) {
    var ends: [Int32] = [-1, -1]
    #if canImport(Glibc)
      let kind = Int32(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    guard socketpair(AF_UNIX, kind, 0, &ends) == 0 else { throw SystemError("make a socket pair") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    ours = Descriptor(owning: ends[0])
    theirs = Descriptor(owning: ends[1])
  }

  /// Keeps our end and closes the other.
  public consuming func intoOurs() -> Descriptor { ours }
}
