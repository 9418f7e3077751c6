/// Finds the word that was probably meant, for "did you mean".
public enum Suggestion {
  /// The candidate with the fewest edits from `word`; `nil` when none is close.
  public static func nearest(
    to word: String, among candidates: some Sequence<String>
  ) -> String? {
    guard word.utf8.count <= 64 else { return nil }
    let limit = max(1, min(3, word.utf8.count / 2))
    var best: (word: String, distance: Int)?
    for candidate in candidates where candidate.utf8.count <= 64 {
      let distance = distance(Array(word.utf8), Array(candidate.utf8))
      if distance <= limit, distance < best?.distance ?? Int.max { best = (candidate, distance) }
    }
    return best?.word
  }

  /// What is said of a word that is not known: `; did you mean "port"?`, or the words that are.
  static func clause(for word: String, among known: [String]) -> String {
    nearest(to: word, among: known).map { "; did you mean \"\($0)\"?" }
      ?? "; known are \(known.joined(separator: ", "))"
  }

  /// The number of insertions, deletions, replacements and swaps of neighbours between two words
  /// (optimal string alignment distance).
  private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
    var beforeLast: [Int] = []
    var last = Array(0...other.count)
    for row in 0..<one.count {
      var current = [row + 1]
      for column in 0..<other.count {
        let isSame = one[row] == other[column]
        var cost = min(last[column] + (isSame ? 0 : 1), last[column + 1] + 1, current[column] + 1)
        if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
          cost = min(cost, beforeLast[column - 1] + 1)
        }
        current.append(cost)
      }
      beforeLast = last
      last = current
    }
    return last[other.count]
  }
}
