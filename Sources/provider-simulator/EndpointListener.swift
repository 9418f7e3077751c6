import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Owns the ports behind which the sshd's are, accepts connections and has them served.
///
/// The sshd's run in inetd mode, one for each connection, on the connection itself: nothing is in
/// between, no port number has to be guessed, and none is left when the simulator ends.
final class EndpointListener: Sendable {
  /// Takes a connection: starts an sshd on it. The descriptor is closed by the caller.
  typealias Server = @Sendable (Realm, Int32) -> Void

  private struct State {
    var ports: [UInt16: EndpointPort] = [:]
    var rules: [Realm: RealmRule] = [:]
  }

  private let state = Mutex(State())
  private let server: Server
  /// Whether the preamble's session exists.
  private let knows: @Sendable (String) -> Bool
  private let alarm = Loopback.alarm()

  init(knows: @escaping @Sendable (String) -> Bool, server: @escaping Server) {
    self.knows = knows
    self.server = server
  }

  func start() {
    let thread = Thread { [self] in while true { turn() } }
    thread.start()
  }

  /// Makes a port.
  func add(_ realm: Realm, wantsPreamble: Bool = false) throws -> UInt16 {
    add(realm, wantsPreamble: wantsPreamble, on: try Loopback.bound(to: 0)).port
  }

  /// Makes a port where `realm`'s API says that every sshd is: number 22, where this user may have
  /// that, else on any.
  func addMain(_ realm: Realm) throws -> Loopback.Place {
    let standard = realm.isOnStandardPort ? try? Loopback.bound(to: .standardSSH) : nil
    return add(realm, wantsPreamble: false, on: try standard ?? Loopback.bound(to: 0))
  }

  private func add(_ realm: Realm, wantsPreamble: Bool, on reservation: Int32) -> Loopback.Place {
    let port = EndpointPort(realm: realm, wantsPreamble: wantsPreamble, reservation: reservation)
    change { $0.ports[port.number] = port }
    return Loopback.place(of: reservation)
  }

  /// - Parameter opensAt: `nil` for at once.
  func schedule(
    _ port: UInt16, opensAt: ContinuousClock.Instant?, closesAt: ContinuousClock.Instant?
  ) {
    change {
      $0.ports[port]?.opensAt = opensAt
      $0.ports[port]?.closesAt = closesAt
    }
  }

  func remove(_ port: UInt16) {
    change {
      $0.ports[port]?.shut()
      $0.ports[port] = nil
    }
  }

  /// Closes the connections that get no answer.
  func hangUp() {
    change { state in
      for (number, port) in state.ports {
        for connection in port.silent { close(connection) }
        state.ports[number]?.silent = []
      }
    }
  }

  func rule(_ realm: Realm, _ rule: RealmRule) {
    change { $0.rules[realm] = rule }
  }

  /// Changes the ports, and has them be what they should be before it returns.
  private func change(_ body: (inout sending State) -> Void) {
    state.withLock { state in
      body(&state)
      Self.settle(&state)
    }
    _ = write(alarm.write, "!", 1)
  }

  private static func settle(_ state: inout State) {
    let now = ContinuousClock.now
    for (number, port) in state.ports {
      let rule = state.rules[port.realm] ?? RealmRule()
      try? state.ports[number]?.apply(port.manner(of: rule, at: now))
    }
  }

  /// Waits for a connection, a change or the time that a port opens, once.
  private func turn() {
    var (waits, timeout) = state.withLock { state in
      Self.settle(&state)
      let listeners = state.ports.values.compactMap(\.listener)
      return (listeners.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }, pause(state))
    }
    waits.append(pollfd(fd: alarm.read, events: Int16(POLLIN), revents: 0))
    guard poll(&waits, nfds_t(waits.count), timeout) > 0 else { return }
    var drain = [UInt8](repeating: 0, count: 64)
    while read(alarm.read, &drain, drain.count) > 0 {}
    let ready = Set(waits.lazy.filter { $0.revents != 0 }.map(\.fd))
    let served = state.withLock { state in
      state.ports.flatMap { number, port in
        guard let listener = port.listener, ready.contains(listener) else { return [Accepted]() }
        return accept(at: listener, of: &state.ports[number], by: state.rules[port.realm])
      }
    }
    for accepted in served { serve(accepted) }
  }

  /// A connection that sshd is to have.
  private struct Accepted: Sendable {
    var realm: Realm
    var wantsPreamble: Bool
    var connection: Int32
  }

  private func accept(
    at listener: Int32, of port: inout EndpointPort?, by rule: RealmRule?
  ) -> [Accepted] {
    var accepted: [Accepted] = []
    guard var owner = port else { return [] }
    while let connection = Loopback.accepted(by: listener) {
      switch owner.manner(of: rule ?? RealmRule(), at: .now) {
      case .open:
        accepted.append(
          Accepted(realm: owner.realm, wantsPreamble: owner.wantsPreamble, connection: connection))
      case .silent: owner.silent.append(connection)
      case .dropped, .refused: close(connection)
      }
    }
    port = owner
    return accepted
  }

  private func serve(_ accepted: Accepted) {
    guard accepted.wantsPreamble else {
      server(accepted.realm, accepted.connection)
      close(accepted.connection)
      return
    }
    let thread = Thread { [self] in
      let line = Loopback.line(from: accepted.connection, seconds: 10) ?? ""
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      if words.count == 2, words[0] == "PRIME-SSH-SESSION", knows(String(words[1])) {
        server(accepted.realm, accepted.connection)
      }
      close(accepted.connection)
    }
    thread.start()
  }

  /// Milliseconds until the next port opens or closes; -1 when none will.
  private func pause(_ state: borrowing State) -> Int32 {
    let now = ContinuousClock.now
    let times =
      state.ports.values.flatMap { [$0.opensAt, $0.closesAt] } + state.rules.values.map(\.opensAt)
    guard let next = times.compactMap({ $0 }).filter({ $0 > now }).min() else { return -1 }
    return Int32(min((next - now) / .milliseconds(1) + 1, 60_000))
  }
}
