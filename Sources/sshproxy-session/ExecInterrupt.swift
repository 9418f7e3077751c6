import SystemIO

/// The first SIGINT, SIGTERM or SIGHUP ends a wait instead of the process, so that what was opened
/// at a provider can be closed; a second one ends the process.
enum ExecInterrupt {
  // Written before the handlers are set, then read and written by them alone.
  nonisolated(unsafe) private static var writingEnd: Int32 = -1
  nonisolated(unsafe) private static var caught: Int32 = 0

  /// - Returns: a descriptor to watch; it reports a hang-up at the signal.
  static func watch() throws(Failure) -> Descriptor {
    let pipe = try reportingFailure { () throws(SystemError) in try Pipe() }
    writingEnd = fcntl(pipe.writing.number, F_DUPFD_CLOEXEC, 3)
    // Whoever started us from a thread that blocks signals has left them blocked.
    var watched = sigset_t()
    sigemptyset(&watched)
    for number in [SIGINT, SIGTERM, SIGHUP] {
      sigaddset(&watched, number)
      signal(number) { number in
        ExecInterrupt.caught = number
        close(ExecInterrupt.writingEnd)
        signal(SIGINT, SIG_DFL)
        signal(SIGTERM, SIG_DFL)
        signal(SIGHUP, SIG_DFL)
      }
    }
    sigprocmask(SIG_UNBLOCK, &watched, nil)
    return pipe.intoReading()
  }

  /// The status of a process that such a signal has ended; `nil` when none came.
  static var status: Int32? { caught == 0 ? nil : 128 + caught }
}
