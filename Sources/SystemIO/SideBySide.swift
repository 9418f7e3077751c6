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
