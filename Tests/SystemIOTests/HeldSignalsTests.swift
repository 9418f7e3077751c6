import SystemIO
import Testing

@Suite struct HeldSignalsTests {
  /// A signal that were not held would end the tests.
  @Test(arguments: [SIGHUP, SIGINT, SIGTERM])
  func waits(_ signal: Int32) {
    let isPending = holdingSignals {
      pthread_kill(pthread_self(), signal)
      var pending = sigset_t()
      sigpending(&pending)
      var expected = sigset_t()
      sigemptyset(&expected)
      sigaddset(&expected, signal)
      var taken: Int32 = 0
      return sigismember(&pending, signal) == 1 && sigwait(&expected, &taken) == 0
        && taken == signal
    }
    #expect(isPending)
  }

  @Test func theMaskIsPutBack() {
    var before = sigset_t()
    var after = sigset_t()
    pthread_sigmask(SIG_SETMASK, nil, &before)
    holdingSignals {}
    pthread_sigmask(SIG_SETMASK, nil, &after)
    for signal in 1..<NSIG { #expect(sigismember(&before, signal) == sigismember(&after, signal)) }
  }
}
