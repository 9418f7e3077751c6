import Foundation

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// How the simulator ends: by a signal, or with its lifeline. Nothing is left behind.
struct Ending: Sendable {
  var children: Children
  var home: String
  /// Removed at the end.
  var temporaryDirectory: URL?

  private static var signals: sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    for number in [SIGTERM, SIGINT, SIGHUP, SIGCHLD] { sigaddset(&set, number) }
    return set
  }

  static func blockSignals() {
    var set = signals
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  /// Reaps children until the end comes.
  func wait(lifeline: Bool) -> Never {
    if lifeline {
      let reader = Thread { [self] in
        var byte: UInt8 = 0
        while read(0, &byte, 1) > 0 {}
        end(0)
      }
      reader.start()
    }
    var set = Self.signals
    var number: Int32 = 0
    while true {
      guard sigwait(&set, &number) == 0 else { continue }
      if number == SIGCHLD { children.reap() } else { end(0) }
    }
  }

  /// Whoever ends it first does; the lifeline and a signal may come together.
  private static let first = NSLock()

  func end(_ status: Int32) -> Never {
    Self.first.lock()
    children.endAll(home: home)
    if let temporaryDirectory { try? FileManager.default.removeItem(at: temporaryDirectory) }
    exit(status)
  }
}
