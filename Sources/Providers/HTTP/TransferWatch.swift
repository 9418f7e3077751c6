internal import CCurl
import Configuration
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
  /// How long the thread that waits for libcurl is given to act first, in milliseconds.
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

/// Watches one transfer. Each part of it has a time of its own, but the lookup of the name: it has all the time
/// there is, because a lookup that is given up starts anew.
struct Progress {
  private let client: HTTPClient
  private let start = Moment.now
  private var limit: Moment
  private let lookupLimit: Moment
  private let answerTimeout: Int?
  private var resolved: Moment?

  init(_ client: HTTPClient, limit: Moment, lookupLimit: Moment, answerTimeout: Int?) {
    self.client = client
    self.limit = limit
    self.lookupLimit = lookupLimit
    self.answerTimeout = answerTimeout
  }

  /// How long to wait for the next event at most, in milliseconds: the caller has to be looked at, too.
  var slice: Int32 {
    let end = end ?? lookupLimit
    return Int32(clamping: min(100, max(1, end.remaining)))
  }

  /// When the part of the transfer that goes on now has to be over, if that is before libcurl's own end.
  private var end: Moment? {
    guard let resolved else { return nil }
    return min(limit, answerTimeout.map { resolved + $0 } ?? limit)
  }

  /// The same; while there is no connection yet, also when making one has to be over.
  func end(of easy: EasyHandle) -> Moment? {
    guard let resolved, let end else { return nil }
    guard !easy.isConnected else { return end }
    var most = HTTPClient.connectLimit
    if let reach = client.reach { most = min(most, max(1000, reach - resolved)) }
    return min(end, resolved + most)
  }

  /// - Throws: `.notConnected` and `.connectionLost` when a part of the transfer has taken too long.
  mutating func look(at easy: EasyHandle, _ request: HTTPRequest) throws(Failure) {
    if resolved == nil, easy.isResolved {
      let now = Moment.now
      resolved = now
      if client.lookupDeadline != nil { limit = limit + (now - start) }
      client.noteLookup(of: request.base, milliseconds: now - start)
    }
    if resolved == nil, Moment.now >= min(lookupLimit, client.lookupsEnd ?? lookupLimit) {
      throw .notConnected("no name server has resolved the name in \(Moment.now - start) ms")
    }
    guard let resolved, let end = end(of: easy), Moment.now >= end else { return }
    throw Self.late(easy, Moment.now - resolved)
  }

  /// The failure of a transfer one part of which has taken too long.
  static func late(_ easy: EasyHandle, _ time: Int) -> Failure {
    easy.isConnected
      ? .connectionLost("no answer after \(time) ms")
      : .notConnected("no connection after \(time) ms")
  }
}
