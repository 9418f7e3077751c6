/// Holds back SIGHUP, SIGINT and SIGTERM while `body` runs, so that they cannot interrupt it halfway.
/// For a few system calls that belong together.
public func holdingSignals<Value, Trouble>(
  _ body: () throws(Trouble) -> Value
) throws(Trouble) -> Value {
  var ending = sigset_t()
  sigemptyset(&ending)
  for signal in [SIGHUP, SIGINT, SIGTERM] { sigaddset(&ending, signal) }
  var before = sigset_t()
  pthread_sigmask(SIG_BLOCK, &ending, &before)
  defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
  return try body()
}
