// What both programs know of the command line of `sshproxy`.

/// The commands of `sshproxy`.
public enum CommandName {
  /// All of them. They are not aliases: `sshproxy WORD` has to mean one thing.
  public static let all: Set<String> = [
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

/// An option of `connect` that lines for ssh have: before the alias.
public enum ConnectOption: String, Sendable {
  /// ssh is passed the socket where it asks for one (`ProxyUseFdpass`).
  case fdpass
  /// ssh has read the session's block, which may lead to whatever session the alias has by now.
  case prepared
  /// ssh has read the block of a session with this endpoint, and may be led there alone; `HOST:PORT`.
  case onlyTo = "only-to"
  /// The same of a session behind a host in between.
  case onlyBehind = "only-behind"

  /// As it is written: `--only-to`.
  public var word: String { "--" + rawValue }

  /// - Returns: `nil` for any other word.
  public init?(word: String) {
    switch word {
    case "--fdpass": self = .fdpass
    case "--prepared": self = .prepared
    case "--only-to": self = .onlyTo
    case "--only-behind": self = .onlyBehind
    default: return nil
    }
  }
}
