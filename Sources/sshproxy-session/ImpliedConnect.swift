import SessionRecord

/// The command that `sshproxy ALIAS` leaves out.
enum ImpliedConnect {
  /// Inserts `connect` where the first word is not a command: `sshproxy ALIAS [PORT]` means
  /// `sshproxy connect ALIAS [PORT]`. Nothing is inserted after an option of ArgumentParser's own
  /// (`--generate-completion-script SHELL`, the shell's `---completion`).
  static func inserted(_ words: ArraySlice<String>) -> [String] {
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
    if index < result.count, !AliasName.commands.contains(result[index]) {
      result.insert("connect", at: index)
    }
    return result
  }
}
