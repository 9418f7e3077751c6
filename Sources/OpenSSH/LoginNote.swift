import Grammar

/// The line behind an alias's block that says why another login than the session's is refused:
/// `root@ALIAS`, `-l ubuntu`.
///
/// ssh has the login of its command line by then, so a `Match` tells whether it is the block's. Only if it
/// is not does ssh run anything, which never makes the `Match` true. What the user gave does not stand in
/// the command (`%r` would reach a shell). Where the program is gone, `setup`'s own `Match` fails and ssh comes to
/// this one all the same: so its command looks first whether the program is there.
struct LoginNote {
  let line: String

  /// - Parameter program: the path without which nothing is said; `nil` where it is not known.
  /// - Returns: `nil` for a block that leaves the login to the user, or where the line would be too long
  ///   for other readers.
  init?(_ block: ClientConfiguration.Block, program: String?) {
    func value(_ keyword: Setting.Keyword) -> String? {
      block.settings.first { $0.keyword == keyword }?.value
    }
    // A session with a key of its own takes no other.
    guard let login = value(.user), value(.identitiesOnly) == "yes", Grammar.isLogin(login),
      Alias.broken(by: block.alias) == nil
    else { return nil }
    // The words may end in a log.
    let shown = block.hasSecretLogin ? "a secret" : login
    let words =
      "sshproxy: note: \(block.alias): its login is \(shown), given by the provider, "
      + "and no other gets in: leave out user@ and -l"
    // In csh, `>&2` names a file: the redirection is for sh alone.
    let isThere = program == nil ? "" : "set -f; IFS=; test -x $0 && "
    let path = program.map { " " + ConfigPath.shellWord($0) } ?? ""
    let line =
      "Match originalhost \(block.alias) !user \(login) "
      + "exec \"exec /bin/sh -c '\(isThere)echo \(words) >&2; exit 1'\(path)\""
    guard line.utf8.count <= ConfigLine.longest else { return nil }
    self.line = line
  }
}
