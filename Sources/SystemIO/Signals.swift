internal import CSystem

/// Has a write that cannot go on fail, instead of ending the process.
public func ignoreWriteSignals() {
  // ssh resets SIGPIPE to its default before it starts us: a peer that vanishes would kill us silently.
  signal(SIGPIPE, SIG_IGN)
  // At the limit on file sizes (ulimit -f) we want to report an error, not to be killed mid-write.
  signal(SIGXFSZ, SIG_IGN)
}

/// A set of signals (sigsetops(3)).
func signalSet(_ numbers: [Int32]) -> sigset_t {
  var set = sigset_t()
  sigemptyset(&set)
  for number in numbers { sigaddset(&set, number) }
  return set
}

/// Holds back SIGHUP, SIGINT and SIGTERM while `body` runs, so that they cannot interrupt it halfway.
/// For a few system calls that belong together.
public func holdingSignals<Value, Thrown>(
  _ body: () throws(Thrown) -> Value
) throws(Thrown) -> Value {
  var ending = signalSet([SIGHUP, SIGINT, SIGTERM])
  var before = sigset_t()
  pthread_sigmask(SIG_BLOCK, &ending, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  return try body()
}

/// Lets the first SIGINT, SIGTERM or SIGHUP end the current wait instead of the process, so that the
/// session opened at a provider can be closed. A second signal ends the process.
public enum Interruption {
  // A handler can reach nothing but globals. `writingEnd` is set before the handlers are, and then
  // read by them alone; `caught` is written by them alone, before the wait that it ends.
  nonisolated(unsafe) private static var writingEnd: Int32 = -1
  nonisolated(unsafe) private static var caught: Int32 = 0

  /// - Returns: a descriptor that reports a hang-up when a signal comes.
  public static func watch() throws(Failure) -> Descriptor {
    let pipe = try Pipe()
    writingEnd = try pipe.writing.duplicated().release()
    // What was ignored when we started stays so, as in ssh: nohup(1), and shells for what they run in the
    // background.
    let numbers = [SIGINT, SIGTERM, SIGHUP].filter { csystem_is_ignored($0) == 0 }
    for number in numbers {
      signal(number) { number in
        Interruption.caught = number
        close(Interruption.writingEnd)
        if csystem_is_ignored(SIGINT) == 0 { signal(SIGINT, SIG_DFL) }
        if csystem_is_ignored(SIGTERM) == 0 { signal(SIGTERM, SIG_DFL) }
        if csystem_is_ignored(SIGHUP) == 0 { signal(SIGHUP, SIG_DFL) }
      }
    }
    // A parent that blocks signals leaves them blocked in us.
    var watched = signalSet(numbers)
    sigprocmask(SIG_UNBLOCK, &watched, nil)
    return pipe.intoReading()
  }

  /// The exit status of a process ended by that signal; `nil` if none came.
  public static var status: Int32? { caught == 0 ? nil : 128 + caught }
}
