public import SystemIO

/// The `ssh` command line that a provider sends. It is parsed, and never run.
///
/// Used are the destination, `-p -l -i -J`, and `-o` with `Port`, `User`, `IdentityFile`,
/// `ProxyJump`, `IdentitiesOnly`, `ConnectTimeout`, `ServerAliveInterval` and
/// `ServerAliveCountMax`. Ignored are `-A -t -T -q -v -x -4 -6 -C`, and `-o` with
/// `StrictHostKeyChecking`, `UserKnownHostsFile`, `LogLevel` and `ForwardAgent`. Everything else is
/// refused, a remote command too. If a value is given twice, the first counts, as with ssh.
public struct SentCommand: Equatable, Sendable {
  /// `nil` where the command names none.
  public let login: String?
  public let host: String
  /// 22 unless the command names one.
  public let port: Int
  /// An absolute path to an existing file of the user's.
  public let identityFile: String?
  /// The hosts to go through, at least one.
  public let jump: [JumpHost]?
  /// `IdentitiesOnly`, `ConnectTimeout`, `ServerAliveInterval` and `ServerAliveCountMax`.
  public let options: [Setting]

  /// - Parameters:
  ///   - command: what the provider sent.
  ///   - home: the user's home directory, for `-i ~/…`.
  /// - Throws: `.invalidResponse`, naming the option that is refused, never its value.
  public init(parsing command: String, home: String) throws(Failure) {
    var words = try ShellWords.split(command)[...]
    guard words.popFirst() == "ssh" else { throw Self.refused("does not start with ssh") }
    var line = SSHCommandLine(words, home: home)
    try line.parse()
    guard let host = line.host else { throw Self.refused("names no host") }
    self.host = host
    login = line.login
    port = line.port ?? 22
    identityFile = line.identityFile
    jump = line.jump.flatMap { $0.isEmpty ? nil : $0 }
    options = line.options
  }

  /// The letters of ssh's options that take a value (ssh(1)).
  public static let valued = Set("BbcDEeFIiJLlmOoPpQRSWw")

  static func refused(_ clause: String) -> Failure {
    Failure(.invalidResponse, step: "read the provider's ssh command", "the ssh command \(clause)")
  }
}
