internal import SystemIO

/// The difference of two texts in the unified format of diff(1) and patch(1).
enum UnifiedDiff {
  private static let context = 3

  /// - Parameters:
  ///   - old: nil when there is no such file yet.
  ///   - new: nil when there will be none.
  /// - Returns: nothing when they are the same.
  static func text(path: String, from old: [UInt8]?, to new: [UInt8]?) -> [UInt8] {
    guard old != new else { return [] }
    let oldLines = SettingLine.lines(of: old ?? [])
    let newLines = SettingLine.lines(of: new ?? [])
    let name = path.sanitized(limit: 4096)
    let head = "--- \(old == nil ? "/dev/null" : name)\n+++ \(new == nil ? "/dev/null" : name)\n"
    let steps = EditScript.steps(from: oldLines, to: newLines)
    var result = Array(head.utf8)
    for range in hunks(steps) {
      result += header(steps, range)
      for step in steps[range] {
        switch step {
        case .keep(let index, _): result += written(" ", oldLines[index])
        case .delete(let index): result += written("-", oldLines[index])
        case .insert(let index): result += written("+", newLines[index])
        }
      }
    }
    return result
  }

  /// The changes with their context lines. Changes whose contexts touch are merged.
  private static func hunks(_ steps: [EditScript.Step]) -> [Range<Int>] {
    var hunks: [Range<Int>] = []
    for (index, step) in steps.enumerated() {
      if case .keep = step { continue }
      let range = max(0, index - context)..<min(steps.count, index + context + 1)
      if let last = hunks.last, last.upperBound >= range.lowerBound {
        hunks[hunks.count - 1] = last.lowerBound..<range.upperBound
      } else {
        hunks.append(range)
      }
    }
    return hunks
  }

  private static func header(_ steps: [EditScript.Step], _ range: Range<Int>) -> [UInt8] {
    func count(_ part: ArraySlice<EditScript.Step>) -> (old: Int, new: Int) {
      part.reduce((0, 0)) { sum, step in
        switch step {
        case .keep: (sum.0 + 1, sum.1 + 1)
        case .delete: (sum.0 + 1, sum.1)
        case .insert: (sum.0, sum.1 + 1)
        }
      }
    }
    func place(_ before: Int, _ length: Int) -> String {
      // An empty range is named by the line before it.
      let start = length == 0 ? before : before + 1
      return length == 1 ? "\(start)" : "\(start),\(length)"
    }
    let before = count(steps[..<range.lowerBound])
    let length = count(steps[range])
    return Array(
      "@@ -\(place(before.old, length.old)) +\(place(before.new, length.new)) @@\n".utf8)
  }

  private static func written(_ sign: Character, _ line: ArraySlice<UInt8>) -> [UInt8] {
    let missing = line.last == 0x0a ? "" : "\n\\ No newline at end of file\n"
    return Array(String(sign).utf8) + line + missing.utf8
  }
}

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
