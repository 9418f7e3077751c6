/// A thread that nobody waits for.
public enum DetachedThread {
  /// Runs `body` beside the caller; it may outlive whoever started it.
  /// - Throws: pthread_create(3)'s error.
  public static func start(_ body: @escaping @Sendable () -> Void) throws(Failure) {
    pthread_detach(try startThread(body))
  }
}

/// A thread that has ended when this object has: whoever owns it tells `body` to end before.
public struct JoinedThread: ~Copyable {
  private let thread: pthread_t

  /// - Throws: pthread_create(3)'s error.
  public init(_ body: @escaping @Sendable () -> Void) throws(Failure) {
    thread = try startThread(body)
  }

  deinit { pthread_join(thread, nil) }
}

private final class ThreadWork {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) throws(Failure) -> pthread_t {
  let work = Unmanaged.passRetained(ThreadWork(body))
  var thread: pthread_t?
  // On Darwin a thread is a pointer, and what it is given never is nil.
  #if canImport(Glibc)
    var number = pthread_t()
    let result = pthread_create(&number, nil, runThreadWork, work.toOpaque())
    thread = number
  #else
    let result = pthread_create(&thread, nil, runThreadWork, work.toOpaque())
  #endif
  guard result == 0, let thread else {
    work.release()
    throw Failure("start a thread", number: result)
  }
  return thread
}

#if canImport(Glibc)
  private func runThreadWork(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let raw { Unmanaged<ThreadWork>.fromOpaque(raw).takeRetainedValue().body() }
    return nil
  }
#else
  private func runThreadWork(_ raw: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadWork>.fromOpaque(raw).takeRetainedValue().body()
    return nil
  }
#endif
