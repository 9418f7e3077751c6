import SystemIO

/// ssh's first bytes. They are kept, because each new connection is sent them again until one
/// answers.
public final class Replay {
  /// How many bytes are kept; ssh has to wait when there are more.
  static let limit = 64 * 1024

  private let descriptor: Int32
  private(set) var bytes: [UInt8] = []
  private(set) var hasEnded = false

  public init(_ descriptor: Int32) {
    self.descriptor = descriptor
  }

  /// What to wait for.
  var awaited: pollfd {
    let wantsMore = !hasEnded && bytes.count < Self.limit
    return pollfd(fd: wantsMore ? descriptor : -1, events: Int16(POLLIN), revents: 0)
  }

  /// Reads what is there, once the descriptor is readable.
  func read() {
    var buffer = [UInt8](repeating: 0, count: min(16 * 1024, Self.limit - bytes.count))
    let count = buffer.withUnsafeMutableBytes { SystemTransfer.read(descriptor, $0) }
    if count > 0 {
      bytes += buffer[..<count]
    } else if count == 0 || errno != EAGAIN {
      hasEnded = true
    }
  }
}
