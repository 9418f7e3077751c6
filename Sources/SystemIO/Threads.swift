/// A thread that nobody waits for.
public enum DetachedThread {
  /// Runs `body` beside the caller; it may outlive whoever started it.
  /// - Throws: pthread_create(3)'s error.
  public static func start(_ body: @escaping @Sendable () -> Void) throws(Failure) {
    pthread_detach(try startThread(body))
  }
}

/// A thread that this object waits for when it is destroyed. Its owner has to tell `body` to end first.
public struct JoinedThread: ~Copyable {
  private let thread: pthread_t

  /// - Throws: pthread_create(3)'s error.
  public init(_ body: @escaping @Sendable () -> Void) throws(Failure) {
    thread = try startThread(body)
  }

  deinit { pthread_join(thread, nil) }
}

/// A call that cannot be cut short, on a thread of its own. When nobody waits for it any more it goes on
/// until it ends by itself, or the process does.
final class BlockingCall<Value: Sendable> {
  private let work: ThreadWork<Value>
  private let ended: Descriptor

  /// - Throws: `.inputOutput` when there is no thread or descriptor to be had; then nothing is called.
  init(_ call: @escaping @Sendable () -> Value) throws(Failure) {
    let pipe = try Pipe()
    let work = ThreadWork(call, try pipe.writing.duplicated())
    self.work = work
    ended = pipe.intoReading()
    try DetachedThread.start { work.run() }
  }

  /// - Returns: `nil` when `deadline` came first.
  /// - Throws: `.cancelled` when the caller is gone.
  func result(until deadline: Moment, caller: HangUpMonitor) throws(Failure) -> Value? {
    var items = [pollfd(fd: ended.number, events: Int16(POLLIN), revents: 0)]
    return try caller.wait(for: &items, until: deadline) ? work.value : nil
  }
}

/// Shared by a thread and the one who waits for it; the last of them frees it. Unchecked, because no lock
/// guards it: the thread writes before it closes the pipe, the other reads only after that.
private final class ThreadWork<Value>: @unchecked Sendable {
  private let call: () -> Value
  private(set) var value: Value?
  private var running: Descriptor?

  /// - Parameter running: the writing end of a pipe, of which this is closed when `call` has ended.
  init(_ call: @escaping () -> Value, _ running: consuming Descriptor) {
    self.call = call
    self.running = consume running
  }

  func run() {
    value = call()
    running = nil
  }
}

/// What pthread_create(3) is given.
private final class ThreadBody {
  let body: @Sendable () -> Void

  init(_ body: @escaping @Sendable () -> Void) { self.body = body }
}

private func startThread(_ body: @escaping @Sendable () -> Void) throws(Failure) -> pthread_t {
  let raw = Unmanaged.passRetained(ThreadBody(body))
  var thread: pthread_t?
  // On Darwin a thread is a pointer, and what it is given never is nil.
  #if canImport(Glibc)
    var number = pthread_t()
    let result = pthread_create(&number, nil, runThreadBody, raw.toOpaque())
    thread = number
  #else
    let result = pthread_create(&thread, nil, runThreadBody, raw.toOpaque())
  #endif
  guard result == 0, let thread else {
    raw.release()
    throw Failure("start a thread", number: result)
  }
  return thread
}

#if canImport(Glibc)
  private func runThreadBody(_ raw: UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? {
    if let raw { Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().body() }
    return nil
  }
#else
  private func runThreadBody(_ raw: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer? {
    Unmanaged<ThreadBody>.fromOpaque(raw).takeRetainedValue().body()
    return nil
  }
#endif

/// Waits for several things at once that each block a thread.
public enum SideBySide {
  /// Runs each task on a thread of its own, until all have ended.
  /// - Parameter tasks: none may touch what another, or `caller`, touches.
  /// - Returns: their values, in their order.
  /// - Throws: `.cancelled` when the caller is gone, while the tasks go on until the process ends;
  ///   `.inputOutput` where no thread or descriptor is to be had.
  public static func run<Value>(
    _ tasks: [() -> Value], caller: HangUpMonitor
  ) throws(Failure) -> [Value] {
    guard tasks.count > 1 else { return tasks.map { $0() } }
    let pipe = try Pipe()
    var running: [ThreadWork<Value>] = []
    for task in tasks {
      running.append(ThreadWork(task, try pipe.writing.duplicated()))
    }
    let ended = pipe.intoReading()
    for work in running {
      try DetachedThread.start { work.run() }
    }
    var items = [pollfd.hangUp(ended.number)]
    while try !caller.wait(for: &items, until: nil) {}
    return running.compactMap(\.value)
  }
}
