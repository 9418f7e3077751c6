import Providers

/// The calls to providers that a command has made and that were answered, with their times.
final class CallLog {
  struct Entry {
    let step: String
    var milliseconds: Int
  }

  private(set) var entries: [Entry] = []

  /// Calls of one kind in a row, like the polls for a machine that wakes, become one entry.
  func add(_ call: FinishedCall) {
    guard call.isDone else { return }
    if entries.last?.step == call.step {
      entries[entries.count - 1].milliseconds += call.time
    } else {
      entries.append(Entry(step: call.step, milliseconds: call.time))
    }
  }

  func clear() { entries = [] }
}
