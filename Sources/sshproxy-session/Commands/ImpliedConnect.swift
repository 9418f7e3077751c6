import Configuration
import SessionRecord
import SystemIO

/// The command that `sshproxy ALIAS` leaves out.
enum ImpliedConnect {
  /// Inserts `connect` where the first word is not a command: `sshproxy ALIAS [PORT]` means
  /// `sshproxy connect ALIAS [PORT]`. Nothing is inserted after an option of ArgumentParser's own
  /// (`--generate-completion-script SHELL`, the shell's `---completion`).
  /// - Throws: `.usage` where what follows cannot belong to an alias, so that a command was meant.
  static func inserted(_ words: ArraySlice<String>) throws(Failure) -> [String] {
    var result = Array(words)
    var index = 0
    while index < result.count, result[index].hasPrefix("-") {
      switch result[index] {
      case "--home", "--state", "--config": index += 2
      case "-v": index += 1
      case let word where word.contains("="): index += 1
      default: return result
      }
    }
    if index < result.count, !Alias.commands.contains(result[index]) {
      try checkRest(of: result[index...])
      result.insert("connect", at: index)
    }
    return result
  }

  private static func checkRest(of words: ArraySlice<String>) throws(Failure) {
    guard let first = words.first, let second = words.dropFirst().first, UInt16(second) == nil,
      !second.hasPrefix("-")
    else { return }
    let nearest = Suggestion.nearest(to: first, among: Alias.commands.sorted())
    let question = nearest.map { "did you mean `sshproxy \($0)`? " } ?? ""
    throw Failure(
      .usage, "there is no command \"\(first.sanitized(limit: 80))\"",
      hint: question + "`sshproxy help` shows the commands")
  }
}
