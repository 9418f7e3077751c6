import Configuration
import Sessions
import SystemIO

/// Watches one transfer: each of its parts has a time of its own, and the lookup of the name, which
/// cannot be taken up again, all there is.
struct Progress {
  private let client: HTTPClient
  private let start = Moment.now
  private var limit: Moment
  private let answerTimeout: Int?
  private var resolved: Moment?

  init(_ client: HTTPClient, limit: Moment, answerTimeout: Int?) {
    self.client = client
    self.limit = limit
    self.answerTimeout = answerTimeout
  }

  /// How long to wait for the next event at most, in milliseconds: the caller has to be looked at, too.
  var slice: Int32 {
    let end = end ?? .now + 100
    return Int32(clamping: min(100, max(1, end.remaining)))
  }

  /// When the part of the transfer that goes on now has to be over, if that is before libcurl's own end.
  private var end: Moment? {
    guard let resolved else { return nil }
    return min(limit, answerTimeout.map { resolved + $0 } ?? limit)
  }

  /// The same, with the time that a connection may take before there is one.
  func end(of easy: EasyHandle) -> Moment? {
    guard let resolved, let end else { return nil }
    guard !easy.isConnected else { return end }
    var most = client.connectLimit
    if let reach = client.reach { most = min(most, max(1000, reach - resolved)) }
    return min(end, resolved + most)
  }

  /// - Throws: `.notConnected` and `.connectionLost` when a part of the transfer has taken too long.
  mutating func look(at easy: EasyHandle, _ request: HTTPRequest) throws(Failure) {
    if resolved == nil, easy.isResolved {
      let now = Moment.now
      resolved = now
      client.lookupTime += now - start
      client.onLookup?(request.base, now - start)
      if client.lookupDeadline != nil { limit = limit + (now - start) }
      client.reach = client.reach.map { $0 + (now - start) }
      client.lookupsEnd = nil
    }
    if resolved == nil, let end = client.lookupsEnd, Moment.now >= end {
      throw .notConnected("no name server has resolved the name in \(Moment.now - start) ms")
    }
    guard let resolved, let end = end(of: easy), Moment.now >= end else { return }
    throw Self.late(easy, Moment.now - resolved)
  }

  /// What is wrong with a transfer that a part of has taken too long.
  static func late(_ easy: EasyHandle, _ time: Int) -> Failure {
    easy.isConnected
      ? .connectionLost("no answer after \(time) ms")
      : .notConnected("no connection after \(time) ms")
  }
}
