public import SystemIO

/// Dials until the server has sent its first byte: the one dialler, of `connect`, `exec`, `jump` and
/// `check`. When it dials is `RedialPolicy`'s to say; at most two connections are open at a time.
public final class Dialer {
  /// What a person is told at the deadline.
  public struct Words: Sendable {
    /// The endpoint.
    public var name: String
    /// The deadline as it was configured, in seconds.
    public var seconds: Int
    /// What the person can do, as `Failure` has it.
    public var hint: String

    /// For an endpoint that ssh is waiting for.
    public init(endpoint name: String, alias: String, seconds: Int, isDirect: Bool) {
      self.name = name
      self.seconds = seconds
      hint =
        (isDirect ? Through.hint : nil)
        ?? "the machine may be down or still starting: run it again, or `sshproxy check \(alias)`"
    }
  }

  /// A connection counts as silent after this long without a byte, in milliseconds.
  private static let silenceThreshold = 1000

  private var destination: DialDestination
  private let words: Words
  private let input: Replay?
  private let probe: (any LivenessProbe)?
  private let caller: HangUpMonitor
  private let trace: (String) -> Void
  private var policy: RedialPolicy
  private var limits = GrowingTimeout(first: 10_000)
  /// Whether the next connection's first byte is waited for, whatever is known of the server.
  private var waitsNext = false
  /// The oldest first.
  private var attempts: [DialAttempt] = []
  /// The one whose connection is in use.
  private var winner: DialAttempt?

  /// Why the last connection failed.
  public var lastError: Failure { last.error }
  /// That, and whether it is one of whoever uses the connections, which says all by itself.
  private var last: (error: Failure, isUsers: Bool) = (silent, false)
  /// When the first connection was open.
  public private(set) var firstOpen: Moment?
  /// Whether the deadline has ended the dialling.
  public var isOver: Bool { policy.isOver(at: .now) }
  /// Whether the server's first byte has been heard.
  public var hasHeard: Bool { winner?.hasHeard ?? false }
  /// The preamble and ssh's first bytes, as far as the server has not taken them yet.
  public var unsent: [UInt8] { winner?.unsent ?? [] }

  /// - Parameters:
  ///   - input: ssh's bytes in the relay; `nil` when nobody but the server speaks first.
  ///   - trace: told each step.
  public init(
    _ destination: DialDestination, _ words: Words, until deadline: Moment, input: Replay? = nil,
    probe: (any LivenessProbe)? = nil, caller: HangUpMonitor, trace: @escaping (String) -> Void
  ) {
    self.destination = destination
    self.words = words
    self.input = input
    self.probe = probe
    self.caller = caller
    self.trace = trace
    policy = RedialPolicy(deadline: deadline, at: .now)
  }

  /// Dials until a connection has answered and `use` makes something of it.
  /// - Parameter use: gets the connection, non-blocking, its first byte unread, and the moment from which
  ///   on it is better to dial again. When it throws `.temporary`, that is done.
  /// - Throws: `.temporary` at the deadline, `.cancelled`, and what the probe or `use` throws.
  public func connect<Value: ~Copyable>(
    _ use: (consuming Descriptor, Moment) throws(Failure) -> Value
  ) throws(Failure) -> Value {
    while true {
      let socket = try next()
      do throws(Failure) {
        // A server that was spoken to at once and said nothing is waited for on the next connection, and so on
        // by turns: some servers wait for our first byte, some gateways have swallowed it.
        let timeout = hasHeard ? limits.milliseconds : RedialPolicy.silence
        let limit = min(policy.deadline, Moment.now + timeout)
        let value = try use(socket, limit)
        attempts.removeAll()
        return value
      } catch {
        let isUnheard = !hasHeard
        winner = nil
        guard error.kind == .temporary else { throw error }
        if isUnheard { waitsNext = true } else { limits.grow() }
        failed(error, isUsers: true)
      }
    }
  }

  /// Leaves a command that the connection goes through to itself: somebody else has the connection now.
  public func letGo() { winner?.letGo() }

  /// - Returns: the next connection that counts.
  private func next() throws(Failure) -> Descriptor {
    while true {
      let now = Moment.now
      if policy.isOver(at: now) { throw overdue(at: now) }
      if let due = probe?.due, now >= due, let moved = try probe?.start() { redirect(to: moved) }
      if policy.isDue(at: now) { try begin(at: now) }
      if let socket = try wait() { return socket }
    }
  }

  private func begin(at now: Moment) throws(Failure) {
    if case .listening = policy.phase {
      last = (Self.silent, false)
      trace("\(lastError.message); dialling again")
    }
    if attempts.count > 1 {
      let age = attempts[0].openSince.map { now - $0 } ?? 0
      attempts.remove(at: policy.surplus(age: age) == .older ? 0 : 1)
    }
    let limit = policy.dialled(at: now)
    do throws(Failure) {
      let waits = input != nil || !destination.hasAnswered || waitsNext
      waitsNext = false
      attempts.append(
        try DialAttempt(destination, until: limit, waitsForAnswer: waits, input: input, at: now))
      noteOpening(at: now)
    } catch {
      guard error.kind == .temporary else { throw error }
      failed(error)
    }
  }

  /// Waits until something happens, or there is something to decide, and does what can be done.
  private func wait() throws(Failure) -> Descriptor? {
    let awaited = attempts.map(\.awaited)
    let none = pollfd(fd: -1, events: 0, revents: 0)
    var items = [probe?.awaited ?? none, input?.awaited ?? none] + awaited.flatMap { $0 }
    var wake = min(policy.wake, probe?.due ?? policy.wake)
    for attempt in attempts { wake = min(wake, attempt.wake ?? wake) }
    _ = try caller.wait(for: &items, until: wake)
    if items[1].revents != 0 { input?.read() }
    if items[0].revents != 0, let moved = try probe?.finish() {
      redirect(to: moved)
      return nil
    }
    let now = Moment.now
    var next = 2
    for (attempt, own) in zip(attempts, awaited) {
      let range = next..<(next + own.count)
      next = range.upperBound
      do throws(Failure) {
        if let socket = try attempt.advance(Array(items[range]), at: now) {
          win(attempt)
          return socket
        }
        noteOpening(at: now)
      } catch {
        guard error.kind == .temporary else { throw error }
        let isNewest = attempt === attempts.last
        attempts.removeAll { $0 === attempt }
        if isNewest { failed(error) }
      }
    }
    return nil
  }

  private func win(_ attempt: DialAttempt) {
    if case .dialling = policy.phase, attempt === attempts.last { trace("connected") }
    if firstOpen == nil { firstOpen = attempt.openSince ?? .now }
    if attempt.hasHeard { trace("first byte") }
    attempts.removeAll { $0 === attempt }
    winner = attempt
  }

  /// The newest connection may be open now.
  private func noteOpening(at now: Moment) {
    guard case .dialling = policy.phase, let since = attempts.last?.openSince else { return }
    trace("connected")
    if firstOpen == nil { firstOpen = since }
    policy.connected(at: now)
  }

  private func failed(_ error: Failure, isUsers: Bool = false) {
    last = (error, isUsers)
    policy.failed(at: .now)
    trace("\(error.message); dialling again")
  }

  private func redirect(to moved: DialDestination) {
    guard moved != destination else { return }
    destination = moved
    attempts.removeAll()
    policy.moved(at: .now)
  }

  private func overdue(at now: Moment) -> Failure {
    // If the deadline cuts the last try short, the error of the tries before it counts.
    if let since = attempts.last?.openSince, now - since >= Self.silenceThreshold {
      last = (Self.silent, false)
    }
    guard !last.isUsers else { return lastError }
    return Failure(
      .temporary, "\(words.name): \(lastError.message) for \(words.seconds) s", hint: words.hint,
      cause: lastError.cause)
  }

  private static let silent = Failure(.temporary, "the server says nothing")
}

extension LivenessProbe {
  /// How long a session that was not just made may be silent before the provider is asked, in milliseconds.
  public static var delay: Int { 3000 }
}

/// Finds out, beside the dialling, what has become of an endpoint that does not answer.
public protocol LivenessProbe: AnyObject {
  /// When it is to be started; `nil` once it has been, or when there is nothing to find out.
  var due: Moment? { get }
  /// What to wait for while it is under way; a negative descriptor when it is not.
  var awaited: pollfd { get }
  /// - Returns: as `finish`, where it is known at once.
  /// - Throws: what ends the dialling.
  func start() throws(Failure) -> DialDestination?
  /// To be called once `awaited` is ready.
  /// - Returns: where the endpoint is; `nil` where that has not changed.
  /// - Throws: what ends the dialling.
  func finish() throws(Failure) -> DialDestination?
}
