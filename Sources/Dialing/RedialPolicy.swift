import SystemIO

/// When to dial, when to dial once more, and which of two silent connections to keep. It reads no
/// clock: each call says what time it is.
///
/// A refused or dropped connection is dialled again with backoff: the port may not be exposed yet. A
/// silent one is kept and joined by another, because there are gateways of both kinds: one holds a
/// connection until the machine behind it has woken, the other has swallowed what came before that. So
/// a wake is noticed at once or at the next dialling.
struct RedialPolicy: Sendable {
  enum Phase: Equatable, Sendable {
    /// The newest connection has failed, or there is none: the next is begun at that moment.
    case pausing(until: Moment)
    /// The newest connection is being made, until that moment at most.
    case dialling(until: Moment)
    /// The newest connection is open and silent; it is joined by another at that moment.
    case listening(until: Moment)
  }

  enum Surplus { case older, newer }

  /// How long a connection may be silent before it is joined by another one, in milliseconds. With the
  /// handshake, a wake is noticed within 5 s.
  static let silence = 4000
  /// How long making a connection may take, the proxy's part included, in milliseconds.
  static let handshake = 10_000

  let deadline: Moment
  private(set) var phase: Phase
  private var backoff = Backoff(first: 20, most: 1000, growth: 15)
  private var olderTimeout = GrowingTimeout(first: 10_000)

  init(deadline: Moment, at now: Moment) {
    self.deadline = deadline
    phase = .pausing(until: now)
  }

  func isOver(at now: Moment) -> Bool { now >= deadline }

  /// When there is something to decide, at the latest.
  var wake: Moment {
    switch phase {
    case .pausing(let moment), .dialling(let moment), .listening(let moment):
      min(moment, deadline)
    }
  }

  /// Whether another connection is to be begun.
  func isDue(at now: Moment) -> Bool {
    switch phase {
    case .pausing(let moment), .listening(let moment): now >= moment
    case .dialling: false
    }
  }

  /// A connection is being made.
  /// - Returns: until when it may take.
  mutating func dialled(at now: Moment) -> Moment {
    let limit = min(deadline, now + Self.handshake)
    phase = .dialling(until: limit)
    return limit
  }

  /// The newest connection is open.
  mutating func connected(at now: Moment) { phase = .listening(until: now + Self.silence) }

  /// The newest connection has failed.
  mutating func failed(at now: Moment) { phase = .pausing(until: now + backoff.next()) }

  /// Where to dial has changed.
  mutating func moved(at now: Moment) { phase = .pausing(until: now) }

  /// Which of two silent connections makes room for a third. The older one may be what a gateway holds for
  /// a machine that wakes, or swallowed: it is kept twice as long each time.
  /// - Parameter age: how long the older one has been open, in milliseconds.
  mutating func surplus(age: Int) -> Surplus {
    guard age >= olderTimeout.milliseconds else { return .newer }
    olderTimeout.grow()
    return .older
  }
}

/// How long to wait on a silent peer before it is dialled again: twice as long each time.
struct GrowingTimeout: Sendable {
  /// The current time, in milliseconds.
  private(set) var milliseconds: Int

  /// Longer than any deadline that can be configured.
  private static let most = 86_400_000

  init(first: Int) {
    milliseconds = min(first, Self.most)
  }

  /// Doubles it, up to a day.
  mutating func grow() {
    milliseconds = min(Self.most, milliseconds.saturatingMultiplied(by: 2))
  }
}
