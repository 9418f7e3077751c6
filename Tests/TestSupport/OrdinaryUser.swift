public import SystemIO

/// `nobody`, as whom root can run a program by setpriv(1).
public enum OrdinaryUser {
  /// The user's number, and the group's.
  public static let identifier: uid_t = 65_534

  /// Whether we are root, and `nobody` can get at the programs.
  public static let canRunPrograms =
    geteuid() == 0
    && [BuiltProgram.sshproxy, BuiltProgram.session].allSatisfy { program in
      let run = try? RunningProgram(
        setpriv, words("/usr/bin/test", ["-x", program]), environment: [:])
      return run?.end().status == 0
    }

  fileprivate static let setpriv = "/usr/bin/setpriv"

  fileprivate static func words(_ program: String, _ words: [String]) -> [String] {
    ["--reuid", "\(identifier)", "--regid", "\(identifier)", "--clear-groups", "--", program]
      + words
  }
}

extension TestHome {
  /// Starts a program as an ordinary user, whose the home has to be.
  public func startAsOrdinaryUser(_ program: String, _ words: [String]) throws -> RunningProgram {
    try start(OrdinaryUser.setpriv, OrdinaryUser.words(program, words))
  }

  /// Starts `sshproxy` so.
  public func startAsOrdinaryUser(_ words: [String]) throws -> RunningProgram {
    try startAsOrdinaryUser(BuiltProgram.sshproxy, words)
  }
}
