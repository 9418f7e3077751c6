public import SystemIO

/// `nobody`, as whom root can run a program by setpriv(1).
public enum OrdinaryUser {
  /// The user's number, and the group's.
  public static let identifier: uid_t = 65_534

  /// Whether we are root, and `nobody` can get at the programs.
  public static let canRunPrograms =
    geteuid() == 0
    && [BuiltProgram.sshproxy, BuiltProgram.session].allSatisfy { program in
      (try? start("/usr/bin/test", ["-x", program]))?.end().status == 0
    }

  /// Starts a program as that user, with nothing but a PATH in its environment.
  public static func start(_ program: String, _ words: [String]) throws -> RunningProgram {
    try RunningProgram(
      setpriv, Self.words(program, words), environment: ["PATH": "/usr/bin:/bin"])
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
