// What both programs know of the command line of `sshproxy`.

extension Alias {
  /// The commands of `sshproxy`. They are not aliases: `sshproxy WORD` has to mean one thing.
  public static let commands: Set<String> = [
    "connect", "prepare", "setup", "ssh", "exec", "resolve", "check", "list", "sessions", "close",
    "login", "open", "help",
  ]
}

/// An option that says where files are. It stands before the command, and has an absolute path as its value.
public enum LocationOption: String, CaseIterable, Sendable {
  /// The home directory, instead of $HOME.
  case home
  /// The directory with `config.toml`.
  case config
  /// The directory with the sessions.
  case state

  /// As it is written: `--home`.
  public var word: String { "--" + rawValue }

  /// - Returns: `nil` for any other word.
  public init?(word: String) {
    switch word {
    case "--home": self = .home
    case "--config": self = .config
    case "--state": self = .state
    default: return nil
    }
  }
}
