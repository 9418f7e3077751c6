/// The calls to providers that a command has made, with their times.
final class CallLog {
  struct Entry {
    let step: String
    var milliseconds: Int
  }

  private(set) var entries: [Entry] = []

  /// Calls of one kind in a row, like the polls for a machine that wakes, become one entry.
  func add(_ step: String, _ milliseconds: Int) {
    if entries.last?.step == step {
      entries[entries.count - 1].milliseconds += milliseconds
    } else {
      entries.append(Entry(step: step, milliseconds: milliseconds))
    }
  }

  func clear() { entries = [] }
}
