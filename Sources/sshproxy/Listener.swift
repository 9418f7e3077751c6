import SystemIO

/// Listens to a new connection for the server's first byte, while ssh's bytes go out.
final class Listener {
  enum Heard {
    /// The first byte is there, still unread.
    case answered
    /// All that comes before ssh's own bytes is on its way, and no answer is waited for.
    case sent
    /// The server hung up without a word.
    case dropped(String)
    /// Something else wants attention: the time, or `also`.
    case nothingYet
  }

  private let preamble: [UInt8]
  private let input: Replay?
  private let caller: Caller
  private var sent = 0
  private var hasFinished = false

  init(preamble: [UInt8], input: Replay?, caller: Caller) {
    self.preamble = preamble
    self.input = input
    self.caller = caller
  }

  /// The preamble and ssh's bytes that the present connection has not taken.
  var unsent: [UInt8] { Array((preamble + (input?.bytes ?? [])).dropFirst(sent)) }

  /// A new connection gets everything again.
  func restart() {
    sent = 0
    hasFinished = false
  }

  /// - Parameters:
  ///   - waitsForAnswer: `false` where sending the preamble is all.
  ///   - also: ends the wait too when it is ready.
  func listen(
    to socket: borrowing Descriptor, until limit: Moment, waitsForAnswer: Bool, also: inout pollfd
  ) throws(Failure) -> Heard {
    while true {
      if let trouble = send(to: socket) { return .dropped(trouble) }
      if !waitsForAnswer, unsent.isEmpty { return .sent }
      let wanted = POLLIN | (unsent.isEmpty ? 0 : POLLOUT)
      let source = input.flatMap { $0.wantsMore ? $0.descriptor : nil } ?? -1
      var items = [
        pollfd(fd: socket.number, events: Int16(wanted), revents: 0),
        pollfd(fd: source, events: Int16(POLLIN), revents: 0), also,
      ]
      guard try caller.wait(for: &items, until: limit) else { return .nothingYet }
      if items[1].revents != 0 { input?.read() }
      if items[0].revents & ~Int16(POLLOUT) != 0 {
        switch SystemTransfer.peek(socket.number) {
        case 1: return .answered
        case 0: return .dropped("the server hangs up without a word")
        default:
          guard errno == EAGAIN else { return .dropped(SystemError("listen").reason) }
        }
      }
      if items[2].revents != 0 {
        also.revents = items[2].revents
        return .nothingYet
      }
    }
  }

  /// Sends what goes without waiting, and ssh's end of input after it.
  /// - Returns: what is wrong with the connection, if anything is.
  private func send(to socket: borrowing Descriptor) -> String? {
    let rest = unsent
    if !rest.isEmpty {
      let count = rest.withUnsafeBytes { SystemTransfer.send(socket.number, $0) }
      // A reset may leave the server's last words to be read: listening tells.
      if count < 0, errno != EAGAIN, errno != EPIPE { return SystemError("send").reason }
      sent += max(0, count)
    }
    if let input, input.hasEnded, !hasFinished, unsent.isEmpty {
      hasFinished = true
      shutdown(socket.number, Int32(SHUT_WR))
    }
    return nil
  }
}
