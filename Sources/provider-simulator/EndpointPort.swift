#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A port of a realm's sshd. The port number stays reserved while connections to it are refused.
struct EndpointPort {
  var realm: Realm
  /// The connection must begin with Prime's line `PRIME-SSH-SESSION {session_id}`.
  var wantsPreamble: Bool
  var opensAt: ContinuousClock.Instant?
  var closesAt: ContinuousClock.Instant?
  let reservation: Int32
  var listener: Int32?
  /// Connections that get no answer.
  var silent: [Int32] = []

  var number: UInt16 { Loopback.port(of: reservation) }

  /// What becomes of a connection now.
  func manner(of rule: RealmRule, at now: ContinuousClock.Instant) -> Manner {
    if let closesAt, now >= closesAt { return .refused }
    if let opensAt = [opensAt, rule.opensAt].compactMap({ $0 }).max(), now < opensAt {
      return rule.before
    }
    return rule.manner
  }

  /// Listens, or no longer listens, as `manner` wants it.
  mutating func apply(_ manner: Manner) throws {
    if manner == .refused {
      stopListening()
    } else if listener == nil {
      listener = try Loopback.listening(besides: reservation)
    }
  }

  /// The thread that polls the listener holds on to it, closed or not: only a shutdown has
  /// connections refused from here on.
  private mutating func stopListening() {
    guard let listener else { return }
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
    self.listener = nil
  }

  mutating func shut() {
    stopListening()
    close(reservation)
    for connection in silent { close(connection) }
    silent = []
  }
}

/// What holds for all ports of a realm.
struct RealmRule {
  var manner = Manner.open
  var before = Manner.refused
  var opensAt: ContinuousClock.Instant?
}
