/// A process that we started; it is waited for before its owner ends, so no zombie stays, and ended
/// with all that it has started where it is still at work then.
public struct Child: ~Copyable {
  /// Its process id.
  public let identifier: pid_t

  /// Where a child's standard descriptors come from.
  public struct Streams {
    /// A descriptor of ours, likewise the others; `nil` for `/dev/null`.
    public var input: Int32?
    /// For standard output.
    public var output: Int32?
    /// For standard error.
    public var error: Int32?

    /// Standard error is ours unless another is given.
    public init(input: Int32? = nil, output: Int32? = nil, error: Int32? = 2) {
      self.input = input
      self.output = output
      self.error = error
    }
  }

  /// Starts a program. All other descriptors are close-on-exec and stay with us.
  /// - Parameters:
  ///   - path: the program's file, not looked up in PATH unless it has no slash.
  ///   - arguments: all words, the program's name first.
  public init(
    path: String, arguments: [String], environment: [String], streams: Streams = Streams()
  ) throws(Failure) {
    identifier = try Self.spawn(path, arguments, environment, streams)
  }

  /// Starts a program that goes on by itself when this one ends, with all standard descriptors on
  /// `/dev/null`. For a process that ends soon, or the other's end leaves a zombie.
  public static func release(
    path: String, arguments: [String], environment: [String]
  ) throws(Failure) {
    _ = try spawn(path, arguments, environment, Streams(error: nil))
  }

  private static func spawn(
    _ path: String, _ arguments: [String], _ environment: [String], _ streams: Streams
  ) throws(Failure) -> pid_t {
    var actions = noSpawnActions()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (target, source) in [(0, streams.input), (1, streams.output), (2, streams.error)] {
      if let source {
        posix_spawn_file_actions_adddup2(&actions, source, Int32(target))
      } else {
        posix_spawn_file_actions_addopen(
          &actions, Int32(target), "/dev/null", target == 0 ? O_RDONLY : O_WRONLY, 0)
      }
    }
    // Close-on-exec is not enough: libcurl 7.88 makes a socket pair without it.
    _ = csystem_add_close_from(&actions, 3)
    // What both programs ignore, a child must not inherit.
    var attributes = noSpawnAttributes()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var defaults = signalSet([SIGPIPE, SIGXFSZ])
    posix_spawnattr_setsigdefault(&attributes, &defaults)
    var blocked = signalSet([])
    posix_spawnattr_setsigmask(&attributes, &blocked)
    var flags = Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK)
    #if canImport(Darwin)
      // All but what the actions name is closed.
      flags |= Int16(POSIX_SPAWN_CLOEXEC_DEFAULT)
    #endif
    posix_spawnattr_setflags(&attributes, flags)

    var identifier: pid_t = 0
    let result = withCStrings(arguments) { argv in
      withCStrings(environment) { envp in
        path.contains("/")
          ? posix_spawn(&identifier, path, &actions, &attributes, argv, envp)
          : posix_spawnp(&identifier, path, &actions, &attributes, argv, envp)
      }
    }
    guard result == 0 else { throw Failure("start \(path.sanitized())", number: result) }
    return identifier
  }

  /// Whether the child has ended; it is left to be waited for.
  private var hasEnded: Bool {
    var information = siginfo_t()
    let options = WEXITED | WNOHANG | WNOWAIT
    let result = waitid(P_PID, id_t(identifier), &information, options)
    return result != 0 || information.si_signo != 0
  }

  /// How long a child that was told to end may take, in milliseconds, before it is killed.
  private static let grace = 300

  deinit {
    if !hasEnded {
      // The child itself is not waited for yet, so its number is its own.
      let family = Descendants(of: identifier)
      kill(identifier, SIGTERM)
      family.signal(SIGTERM)
      if !hasEnded(within: Self.grace) {
        // Those that were started meanwhile have to be looked for before their parent is gone.
        let late = Descendants(of: identifier)
        kill(identifier, SIGKILL)
        family.signal(SIGKILL)
        late.signal(SIGKILL)
      }
    }
    var status: Int32 = 0
    _ = retryingInterrupts { waitpid(identifier, &status, 0) }
  }

  /// Leaves the child to itself.
  public consuming func leave() { discard self }

  /// Gives the child time to end by itself, in milliseconds; then it is ended.
  public consuming func end(within time: Int) {
    _ = hasEnded(within: time)
  }

  /// - Returns: whether the child has ended in that time, in milliseconds.
  private func hasEnded(within time: Int) -> Bool {
    (try? hasEnded(by: Moment.now + time, .nobody)) ?? hasEnded
  }

  /// Waits until the child has ended; it is left to be waited for.
  /// - Returns: `false` when `limit` came first.
  private func hasEnded(by limit: Moment, _ caller: HangUpMonitor) throws(Failure) -> Bool {
    guard !hasEnded, Moment.now < limit else { return hasEnded }
    #if os(Linux) && !PORTABLE
      let number = csystem_process_descriptor(identifier)
      if number >= 0 {
        let process = Descriptor(owning: number)
        var items = [pollfd(fd: process.number, events: Int16(POLLIN), revents: 0)]
        _ = try caller.wait(for: &items, until: limit)
        return hasEnded
      }
    #endif
    // Where there are no such descriptors (Linux before 5.3), or what confines this process denies them.
    let child = identifier
    let end = try BlockingCall<Int32> {
      var information = siginfo_t()
      return retryingInterrupts { waitid(P_PID, id_t(child), &information, WEXITED | WNOWAIT) }
    }
    _ = try end.result(until: limit, caller: caller)
    return hasEnded
  }

  /// Waits for the end, at most until `deadline`; then, or when the caller is gone, the child is
  /// ended.
  /// - Returns: the exit status, as below; `nil` at the deadline.
  public consuming func wait(until deadline: Moment, caller: HangUpMonitor) throws(Failure)
    -> Int32?
  {
    guard try hasEnded(by: deadline, caller) else { return nil }
    return wait()
  }

  /// Waits for the end.
  /// - Returns: the exit status; 128 + n when a signal ended it.
  public consuming func wait() -> Int32 {
    var status: Int32 = 0
    let result = retryingInterrupts { waitpid(identifier, &status, 0) }
    discard self
    return result < 0 ? ExitStatus.internalError.rawValue : csystem_exit_status(status)
  }
}

/// Replaces this process by another program; returns only when that failed.
public func replaceProcess(path: String, arguments: [String], environment: [String]) -> Failure {
  signal(SIGPIPE, SIG_DFL)
  signal(SIGXFSZ, SIG_DFL)
  withCStrings(arguments) { argv in
    withCStrings(environment) { envp in _ = execve(path, argv, envp) }
  }
  return Failure("start \(path.sanitized())")
}

/// The words as a null-terminated C array for the time of `body`.
func withCStrings<Result>(
  _ words: [String], _ body: (UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>) -> Result
) -> Result {
  var pointers = words.map { strdup($0) }
  pointers.append(nil)
  defer { for pointer in pointers { free(pointer) } }
  return pointers.withUnsafeMutableBufferPointer { buffer in
    guard let base = buffer.baseAddress else {
      var null: UnsafeMutablePointer<CChar>?
      return withUnsafeMutablePointer(to: &null, body)
    }
    return body(base)
  }
}
