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
    let oldLines = lines(old ?? [])
    let newLines = lines(new ?? [])
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

  private static func lines(_ text: [UInt8]) -> [ArraySlice<UInt8>] {
    IncludeLine.lines(of: text)
  }
}
