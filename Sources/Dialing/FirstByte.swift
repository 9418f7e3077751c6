import SystemIO

/// The beginning of a connection: the preamble and ssh's first bytes go out, and the server's first
/// byte is listened for. It never waits.
struct FirstByte {
  enum Outcome {
    case nothingYet
    /// The first byte has arrived; it is still unread.
    case answered
    /// The preamble has been sent, and no answer was to be waited for.
    case sent
  }

  private let preamble: [UInt8]
  private let waitsForAnswer: Bool
  private let input: Replay?
  private var sent = 0
  private var hasSentEnd = false

  /// - Parameters:
  ///   - waitsForAnswer: `false` when sending the preamble is all that is wanted.
  ///   - input: ssh's bytes, in the relay.
  init(preamble: [UInt8], waitsForAnswer: Bool, input: Replay?) {
    self.preamble = preamble
    self.waitsForAnswer = waitsForAnswer
    self.input = input
  }

  /// The preamble and ssh's bytes that the connection has not taken.
  var unsent: [UInt8] { Array((preamble + (input?.bytes ?? [])).dropFirst(sent)) }

  /// What to wait for.
  var events: Int16 { Int16(POLLIN | (unsent.isEmpty ? 0 : POLLOUT)) }

  /// Sends as much as the socket takes without waiting, at ssh's end of input half-closes, and listens.
  /// - Throws: `.temporary` when the connection has ended without a byte.
  mutating func advance(_ socket: borrowing Descriptor) throws(Failure) -> Outcome {
    let rest = unsent
    if !rest.isEmpty {
      let count = rest.withUnsafeBytes { SystemTransfer.send(socket.number, $0) }
      // After a reset there may still be something to read, so the next read decides, where there is one.
      if count < 0, errno != EAGAIN, errno != EPIPE || !waitsForAnswer { throw .unconnected(errno) }
      sent += max(0, count)
    }
    let isAllSent = unsent.isEmpty
    if let input, input.hasEnded, !hasSentEnd, isAllSent {
      hasSentEnd = true
      socket.endSending()
    }
    if !waitsForAnswer { return isAllSent ? .sent : .nothingYet }
    switch SystemTransfer.peek(socket.number) {
    case 1: return .answered
    case 0: throw Failure(.temporary, "the server hangs up without a word")
    default:
      guard errno == EAGAIN else { throw .unconnected(errno) }
      return .nothingYet
    }
  }
}

/// ssh's first bytes. They are kept, because each new connection is sent them again until one
/// answers.
public final class Replay {
  /// How many bytes are kept; ssh has to wait when there are more.
  static let limit = 64 * 1024

  private let descriptor: Int32
  private(set) var bytes: [UInt8] = []
  private(set) var hasEnded = false

  /// - Parameter descriptor: borrowed; ssh's end of it may wait.
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
