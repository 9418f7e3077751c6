/// Keeps what asks a program to end (SIGHUP, SIGINT, SIGTERM) waiting while `body` runs: for the
/// few system calls between which it would leave half of something behind.
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
