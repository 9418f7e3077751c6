/// OpenSSH's patterns (ssh_config(5), PATTERNS; `match.c`).
public enum HostPattern {
  /// Whether `name` is matched by the comma-separated `patternList`, without regard to the case of
  /// ASCII letters. A match of a negated pattern (`!x`) wins wherever it stands; negated patterns
  /// alone match nothing.
  public static func matches(_ name: String, _ patternList: String) -> Bool {
    let name = name.utf8.map(\.lowercased)
    var isMatched = false
    for item in patternList.utf8.parts(by: ",") {
      let isNegated = item.starts(with: "!".utf8)
      let pattern = item.dropFirst(isNegated ? 1 : 0).map(\.lowercased)
      guard matches(name, glob: pattern) else { continue }
      if isNegated { return false }
      isMatched = true
    }
    return isMatched
  }

  /// Whether the whole of `text` is matched by one pattern, case and all.
  public static func matches(_ text: String, glob pattern: String) -> Bool {
    matches(Array(text.utf8), glob: Array(pattern.utf8))
  }

  // After a mismatch, only the last `*` is retried, one byte further on: retrying an earlier one cannot
  // help. So the work is at most the product of the two lengths.
  private static func matches(_ text: [UInt8], glob pattern: [UInt8]) -> Bool {
    var (at, star, starText) = (0, -1, 0)
    var index = 0
    while index < text.count {
      if at < pattern.count, pattern[at] == "*" {
        (star, starText) = (at, index)
        at += 1
      } else if at < pattern.count, pattern[at] == "?" || pattern[at] == text[index] {
        at += 1
        index += 1
      } else if star >= 0 {
        starText += 1
        (at, index) = (star + 1, starText)
      } else {
        return false
      }
    }
    return pattern[at...].allSatisfy { $0 == "*" }
  }
}
