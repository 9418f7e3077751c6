/// The length of a line in ssh's configuration. OpenSSH takes any line, but libssh up to 0.12 cuts it
/// at 1,023 bytes and reads the rest as a line of its own.
public enum ConfigLine {
  /// In bytes, without the line end.
  public static let longest = 1000

  /// Splits words into runs that each fit one line, in their order.
  /// - Parameters:
  ///   - room: the bytes that a line has for its words and the one byte between two of them. A word that
  ///     is longer has a line of its own.
  public static func runs(of words: [String], room: Int) -> [[String]] {
    var runs: [[String]] = []
    var used = 0
    for word in words {
      let length = word.utf8.count
      if runs.isEmpty || used + 1 + length > room {
        runs.append([word])
        used = length
      } else {
        runs[runs.count - 1].append(word)
        used += 1 + length
      }
    }
    return runs
  }
}
