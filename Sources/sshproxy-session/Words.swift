/// The command line as ArgumentParser is to see it.
enum Words {
  /// `sshproxy ALIAS [PORT]` is `sshproxy connect ALIAS [PORT]`: a first word that is no command is
  /// an alias. Behind an option of ArgumentParser's own (`--generate-completion-script SHELL`,
  /// the shell's `---completion`) stands no alias.
  static func completed(_ words: ArraySlice<String>) -> [String] {
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
    if index < result.count, !Root.commandNames.contains(result[index]) {
      result.insert("connect", at: index)
    }
    return result
  }
}
