/// The shortest way from one list of lines to another.
///
/// Myers, "An O(ND) difference algorithm and its variations" (1986), the greedy form.
enum EditScript {
  enum Step: Equatable {
    case keep(old: Int, new: Int)
    case delete(old: Int)
    case insert(new: Int)
  }

  /// Above this number of edits, the whole text is replaced instead: finding them takes too long.
  private static let mostEdits = 1000

  static func steps(from old: [ArraySlice<UInt8>], to new: [ArraySlice<UInt8>]) -> [Step] {
    guard let trace = trace(old, new) else {
      return old.indices.map { .delete(old: $0) } + new.indices.map { .insert(new: $0) }
    }
    var steps: [Step] = []
    var (x, y) = (old.count, new.count)
    for edits in stride(from: trace.count - 1, through: 0, by: -1) {
      let reached = trace[edits]
      let diagonal = x - y
      let isInsertion = comesFromAbove(diagonal, edits, reached)
      let previous = isInsertion ? diagonal + 1 : diagonal - 1
      let startX = edits == 0 ? 0 : reached[previous] ?? 0
      let startY = edits == 0 ? 0 : startX - previous
      while x > startX, y > startY {
        x -= 1
        y -= 1
        steps.append(.keep(old: x, new: y))
      }
      guard edits > 0 else { break }
      if isInsertion {
        y -= 1
        steps.append(.insert(new: y))
      } else {
        x -= 1
        steps.append(.delete(old: x))
      }
    }
    return steps.reversed()
  }

  /// For each number of edits, the farthest reach on every diagonal before the last edit.
  private static func trace(
    _ old: [ArraySlice<UInt8>], _ new: [ArraySlice<UInt8>]
  ) -> [[Int: Int]]? {
    var reached = [1: 0]
    var trace: [[Int: Int]] = []
    for edits in 0...min(old.count + new.count, mostEdits) {
      trace.append(reached)
      for diagonal in stride(from: -edits, through: edits, by: 2) {
        var x =
          comesFromAbove(diagonal, edits, reached)
          ? reached[diagonal + 1] ?? 0 : (reached[diagonal - 1] ?? 0) + 1
        while x < old.count, x - diagonal < new.count, old[x] == new[x - diagonal] { x += 1 }
        reached[diagonal] = x
        if x >= old.count, x - diagonal >= new.count { return trace }
      }
    }
    return nil
  }

  private static func comesFromAbove(_ diagonal: Int, _ edits: Int, _ reached: [Int: Int]) -> Bool {
    diagonal == -edits
      || (diagonal != edits && reached[diagonal - 1] ?? -1 < reached[diagonal + 1] ?? -1)
  }
}
