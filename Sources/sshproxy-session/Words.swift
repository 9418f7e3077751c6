/// The command line as ArgumentParser is to see it.
enum Words {
  /// `sshproxy ALIAS [PORT]` is `sshproxy connect ALIAS [PORT]`: a first word that is no command is
  /// an alias.
  static func completed(_ words: ArraySlice<String>) -> [String] {
    var result = Array(words)
    var index = 0
    while index < result.count, result[index].hasPrefix("-") {
      if ["--home", "--state", "--config"].contains(result[index]) { index += 1 }
      index += 1
    }
    if index < result.count, !Root.commandNames.contains(result[index]) {
      result.insert("connect", at: index)
    }
    return result
  }
}
