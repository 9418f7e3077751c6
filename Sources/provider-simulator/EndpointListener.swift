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
    var doors: [UInt16: Door] = [:]
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

  /// Makes a door on a port of its own.
  func add(_ realm: Realm, wantsPreamble: Bool = false) throws -> UInt16 {
    add(realm, wantsPreamble: wantsPreamble, on: try Loopback.bound(to: 0)).port
  }

  /// Makes a door where `realm`'s API says that every sshd is: on port 22, where this user may have
  /// that, else on any.
  func addMain(_ realm: Realm) throws -> Loopback.Place {
    let standard = realm.isOnStandardPort ? try? Loopback.bound(to: .standardSSH) : nil
    return add(realm, wantsPreamble: false, on: try standard ?? Loopback.bound(to: 0))
  }

  private func add(_ realm: Realm, wantsPreamble: Bool, on reservation: Int32) -> Loopback.Place {
    let door = Door(realm: realm, wantsPreamble: wantsPreamble, reservation: reservation)
    change { $0.doors[door.port] = door }
    return Loopback.place(of: reservation)
  }

  /// - Parameter opensAt: `nil` for at once.
  func schedule(
    _ port: UInt16, opensAt: ContinuousClock.Instant?, closesAt: ContinuousClock.Instant?
  ) {
    change {
      $0.doors[port]?.opensAt = opensAt
      $0.doors[port]?.closesAt = closesAt
    }
  }

  func remove(_ port: UInt16) {
    change {
      $0.doors[port]?.shut()
      $0.doors[port] = nil
    }
  }

  /// Closes the connections that get no answer.
  func hangUp() {
    change { state in
      for (port, door) in state.doors {
        for connection in door.silent { close(connection) }
        state.doors[port]?.silent = []
      }
    }
  }

  func rule(_ realm: Realm, _ rule: RealmRule) {
    change { $0.rules[realm] = rule }
  }

  /// Changes the doors, and has them be what they should be before it returns.
  private func change(_ body: (inout sending State) -> Void) {
    state.withLock { state in
      body(&state)
      Self.settle(&state)
    }
    _ = write(alarm.write, "!", 1)
  }

  private static func settle(_ state: inout State) {
    let now = ContinuousClock.now
    for (port, door) in state.doors {
      let rule = state.rules[door.realm] ?? RealmRule()
      try? state.doors[port]?.apply(door.manner(of: rule, at: now))
    }
  }

  /// Waits for a connection, a change or the time that a door opens, once.
  private func turn() {
    var (waits, timeout) = state.withLock { state in
      Self.settle(&state)
      let listeners = state.doors.values.compactMap(\.listener)
      return (listeners.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }, pause(state))
    }
    waits.append(pollfd(fd: alarm.read, events: Int16(POLLIN), revents: 0))
    guard poll(&waits, nfds_t(waits.count), timeout) > 0 else { return }
    var drain = [UInt8](repeating: 0, count: 64)
    while read(alarm.read, &drain, drain.count) > 0 {}
    let ready = Set(waits.lazy.filter { $0.revents != 0 }.map(\.fd))
    let served = state.withLock { state in
      state.doors.flatMap { port, door in
        guard let listener = door.listener, ready.contains(listener) else { return [Guest]() }
        return welcome(at: listener, of: &state.doors[port], by: state.rules[door.realm])
      }
    }
    for guest in served { serve(guest) }
  }

  /// A connection that sshd is to have.
  private struct Guest: Sendable {
    var realm: Realm
    var wantsPreamble: Bool
    var connection: Int32
  }

  private func welcome(at listener: Int32, of door: inout Door?, by rule: RealmRule?) -> [Guest] {
    var guests: [Guest] = []
    guard var owner = door else { return [] }
    while let connection = Loopback.accepted(by: listener) {
      switch owner.manner(of: rule ?? RealmRule(), at: .now) {
      case .open:
        guests.append(
          Guest(realm: owner.realm, wantsPreamble: owner.wantsPreamble, connection: connection))
      case .silent: owner.silent.append(connection)
      case .dropped, .refused: close(connection)
      }
    }
    door = owner
    return guests
  }

  private func serve(_ guest: Guest) {
    guard guest.wantsPreamble else {
      server(guest.realm, guest.connection)
      close(guest.connection)
      return
    }
    let thread = Thread { [self] in
      let line = Loopback.line(from: guest.connection, seconds: 10) ?? ""
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      if words.count == 2, words[0] == "PRIME-SSH-SESSION", knows(String(words[1])) {
        server(guest.realm, guest.connection)
      }
      close(guest.connection)
    }
    thread.start()
  }

  /// Milliseconds until the next door opens or closes; -1 when none will.
  private func pause(_ state: borrowing State) -> Int32 {
    let now = ContinuousClock.now
    let times =
      state.doors.values.flatMap { [$0.opensAt, $0.closesAt] } + state.rules.values.map(\.opensAt)
    guard let next = times.compactMap({ $0 }).filter({ $0 > now }).min() else { return -1 }
    return Int32(min((next - now) / .milliseconds(1) + 1, 60_000))
  }
}
