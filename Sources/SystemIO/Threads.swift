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

/// A call that cannot be cut short, on a thread of its own. When nobody waits for it any more it goes on
/// until it ends by itself, or the process does.
final class BlockingCall<Value: Sendable> {
  /// Shared by the thread and the one who waits; the last of them frees it. Unchecked, because no
  /// lock guards it: the thread writes before it closes the pipe, the other reads only after that.
  private final class Shared: @unchecked Sendable {
    var value: Value?
    var done: Descriptor?

    init(_ done: consuming Descriptor) { self.done = consume done }
  }

  private let shared: Shared
  private let ended: Descriptor

  /// - Throws: `.inputOutput` when there is no thread or descriptor to be had; then nothing is called.
  init(_ call: @escaping @Sendable () -> Value) throws(Failure) {
    let pipe = try Pipe()
    shared = Shared(try pipe.writing.duplicated())
    ended = pipe.intoReading()
    let shared = shared
    try DetachedThread.start {
      shared.value = call()
      shared.done = nil
    }
  }

  /// - Returns: `nil` when `deadline` came first.
  /// - Throws: `.cancelled` when the caller is gone.
  func result(until deadline: Moment, caller: HangUpMonitor) throws(Failure) -> Value? {
    var items = [pollfd(fd: ended.number, events: Int16(POLLIN), revents: 0)]
    return try caller.wait(for: &items, until: deadline) ? shared.value : nil
  }
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

/// Waits for several things at once that each block a thread.
public enum SideBySide {
  /// Unchecked, because no lock guards it: its thread writes before it closes the pipe, the other reads
  /// only after that.
  private final class Branch<Value>: @unchecked Sendable {
    private let task: () -> Value
    private(set) var value: Value?
    private var running: Descriptor?

    init(_ task: @escaping () -> Value, _ running: consuming Descriptor) {
      self.task = task
      self.running = consume running
    }

    func run() {
      value = task()
      running = nil
    }
  }

  /// Runs each task on a thread of its own, until all have ended.
  /// - Parameter tasks: none may touch what another, or `caller`, touches.
  /// - Returns: their values, in their order.
  /// - Throws: `.cancelled` when the caller is gone, while the tasks go on until the process ends.
  public static func run<Value>(
    _ tasks: [() -> Value], caller: HangUpMonitor
  ) throws(Failure) -> [Value] {
    guard tasks.count > 1 else { return tasks.map { $0() } }
    let pipe = try Pipe()
    var branches: [Branch<Value>] = []
    for task in tasks {
      branches.append(Branch(task, try pipe.writing.duplicated()))
    }
    let ended = pipe.intoReading()
    for branch in branches {
      try DetachedThread.start { branch.run() }
    }
    var items = [pollfd.hangUp(ended.number)]
    while try !caller.wait(for: &items, until: nil) {}
    return branches.compactMap(\.value)
  }
}
