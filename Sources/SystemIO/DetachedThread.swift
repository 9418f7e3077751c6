/// A thread that nobody waits for.
public enum DetachedThread {
  private final class Work {
    let body: @Sendable () -> Void

    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Runs `body` beside the caller; it may outlive whoever started it.
  /// - Throws: pthread_create(3)'s error.
  public static func start(_ body: @escaping @Sendable () -> Void) throws(SystemError) {
    let work = Unmanaged.passRetained(Work(body))
    // On Darwin a thread is a pointer, and what it is given never is nil.
    #if canImport(Glibc)
      var thread = pthread_t()
    #else
      var thread: pthread_t?
    #endif
    let result = pthread_create(
      &thread, nil,
      { raw in
        if let raw = raw as UnsafeMutableRawPointer? {
          Unmanaged<Work>.fromOpaque(raw).takeRetainedValue().body()
        }
        return nil
      }, work.toOpaque())
    guard result == 0 else {
      work.release()
      throw SystemError("start a thread", number: result)
    }
    if let thread = thread as pthread_t? { pthread_detach(thread) }
  }
}
