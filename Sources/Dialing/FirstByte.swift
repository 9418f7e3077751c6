import SystemIO

/// Waits for the server's first byte on a new connection, while ssh's own bytes are sent.
final class FirstByteWait {
  enum Outcome {
    /// The first byte has arrived; it is still unread.
    case answered
    /// The preamble has been sent, and no answer was to be waited for.
    case sent
    /// The server closed the connection without a byte; the text is the reason.
    case dropped(String)
    /// The limit has come, or `also` is ready.
    case nothingYet
  }

  private let preamble: [UInt8]
  private let input: Replay?
  private let caller: HangUpMonitor
  private var sent = 0
  private var hasSentEnd = false

  init(preamble: [UInt8], input: Replay?, caller: HangUpMonitor) {
    self.preamble = preamble
    self.input = input
    self.caller = caller
  }

  /// The preamble and ssh's bytes that the current connection has not taken.
  var unsent: [UInt8] { Array((preamble + (input?.bytes ?? [])).dropFirst(sent)) }

  /// To be called for each new connection: it is sent everything again.
  func restart() {
    sent = 0
    hasSentEnd = false
  }

  /// - Parameters:
  ///   - waitsForAnswer: `false` when sending the preamble is all that is wanted.
  ///   - also: ends the wait too when it is ready.
  /// - Throws: `.cancelled` when the caller is gone.
  func wait(
    on socket: borrowing Descriptor, until limit: Moment, waitsForAnswer: Bool, also: inout pollfd
  ) throws(Failure) -> Outcome {
    while true {
      if let lastError = send(to: socket) { return .dropped(lastError) }
      if !waitsForAnswer, unsent.isEmpty { return .sent }
      let wanted = POLLIN | (unsent.isEmpty ? 0 : POLLOUT)
      let source = input.flatMap { $0.wantsMore ? $0.descriptor : nil } ?? -1
      var items = [
        pollfd(fd: socket.number, events: Int16(wanted), revents: 0),
        pollfd(fd: source, events: Int16(POLLIN), revents: 0), also,
      ]
      let isReady = try caller.wait(for: &items, until: limit)
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
      // ssh may go on writing: that is no answer.
      if !isReady || Moment.now >= limit { return .nothingYet }
    }
  }

  /// Sends as much as the socket takes without waiting, and at ssh's end of input half-closes.
  /// - Returns: what is wrong with the connection; `nil` if nothing is.
  private func send(to socket: borrowing Descriptor) -> String? {
    let rest = unsent
    if !rest.isEmpty {
      let count = rest.withUnsafeBytes { SystemTransfer.send(socket.number, $0) }
      // After a reset there may still be something to read, so the next read decides.
      if count < 0, errno != EAGAIN, errno != EPIPE { return SystemError("send").reason }
      sent += max(0, count)
    }
    if let input, input.hasEnded, !hasSentEnd, unsent.isEmpty {
      hasSentEnd = true
      shutdown(socket.number, Int32(SHUT_WR))
    }
    return nil
  }
}
