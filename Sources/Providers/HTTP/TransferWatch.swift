internal import CCurl
import SystemIO

/// Looks at the clock and at who waits for us while libcurl works, on a thread of its own.
///
/// One call of libcurl may have no end: OpenSSL passes over some messages (HelloRequest in a handshake,
/// even before the certificate; session tickets after it) without coming back as long as more are there,
/// and a server can send them faster than they are read. From then on the connections read as closed.
final class TransferWatch {
  /// Unchecked: what both threads use is behind the lock of `ccurl_sockets`.
  private final class Work: @unchecked Sendable {
    let sockets: OpaquePointer
    let stop: Descriptor
    let caller: HangUpMonitor

    init(_ sockets: OpaquePointer, _ stop: consuming Descriptor, _ caller: HangUpMonitor) {
      self.sockets = sockets
      self.stop = stop
      self.caller = caller
    }

    /// Until the other end of the pipe is closed.
    func run() {
      var items = [pollfd.hangUp(stop.number)]
      while !SystemTransfer.isReady(&items, within: TransferWatch.interval) {
        let limit = ccurl_sockets_limit(sockets)
        guard limit > 0 else { continue }
        if Moment.now > Moment(milliseconds: limit) + TransferWatch.slack || isCallerGone {
          ccurl_sockets_end(sockets)
        }
      }
    }

    private var isCallerGone: Bool { (try? caller.check()) == nil }
  }

  /// How often it looks, in milliseconds.
  private static let interval: Int32 = 100
  /// How much later than the one who waits for libcurl it acts, in milliseconds.
  private static let slack = 200

  private let sockets: OpaquePointer
  private var lifeline: Descriptor?
  // One that is left would not be confined by what confines this thread later.
  private var thread: JoinedThread?

  /// - Parameter sockets: a `ccurl_sockets` that outlives this object.
  /// - Throws: `.inputOutput` when there is no thread or descriptor to be had.
  init(_ sockets: OpaquePointer, _ caller: HangUpMonitor) throws(Failure) {
    self.sockets = sockets
    let pipe = try Pipe()
    let work = Work(sockets, try pipe.reading.duplicated(), caller.silent)
    lifeline = pipe.intoWriting()
    thread = try JoinedThread { work.run() }
  }

  deinit {
    // Its end of the pipe first: that tells it to end.
    lifeline = nil
    thread = nil
  }

  /// Calls libcurl.
  /// - Parameter limit: when the call has to be over.
  /// - Returns: whether it was ended, instead of coming back by itself.
  func during(until limit: Moment, _ call: () -> Void) -> Bool {
    ccurl_sockets_begin(sockets, max(1, limit.milliseconds))
    call()
    return ccurl_sockets_finish(sockets)
  }
}
