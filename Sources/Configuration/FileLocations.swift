public import SystemIO

/// Where this user's files are: absolute paths without a slash at the end.
public struct FileLocations: Sendable, Equatable {
  /// The directory that `~` stands for.
  public let home: String
  /// Where `config.toml` and `credentials.toml` are.
  public let configurationDirectory: String
  /// Where sessions and the generated `ssh_config` are.
  public let stateDirectory: String

  /// The options of the command line come first. With a home from the command line, the XDG variables
  /// are ignored: `setup` writes that option for processes with another environment.
  /// - Parameters:
  ///   - home: from `--home`.
  ///   - config: from `--config`: the directory that holds `config.toml`.
  ///   - state: from `--state`: the directory that holds the sessions.
  ///   - passwordFileHome: the home in the password file, used if `HOME` is not set.
  /// - Throws: `.usage` for an option that is not an absolute path, `.configuration` when the home
  ///   directory is unknown.
  public init(
    home: String? = nil, config: String? = nil, state: String? = nil,
    environment: [String: String], passwordFileHome: String? = nil
  ) throws(Failure) {
    for (option, path) in [("--home", home), ("--config", config), ("--state", state)] {
      guard let path, !Self.isUsable(path) else { continue }
      throw Failure(.usage, "\(option) wants an absolute path, not \"\(path.sanitized())\"")
    }
    let candidates = [home, environment["HOME"], passwordFileHome]
    guard let found = candidates.lazy.compactMap({ $0 }).first(where: Self.isUsable) else {
      throw Failure(
        .configuration, "nothing says where your home directory is",
        hint: "set HOME, or give --home DIRECTORY")
    }
    let base = Self.trimmed(found)
    func directory(_ override: String?, _ variable: String, _ usual: String) -> String {
      if let override { return Self.trimmed(override) }
      let prefix = base == "/" ? "" : base
      // The XDG base directory specification: a relative path in a variable is to be ignored.
      guard home == nil, let root = environment[variable], Self.isUsable(root) else {
        return "\(prefix)/\(usual)/sshproxy"
      }
      return Self.trimmed(root) + "/sshproxy"
    }
    self.home = base
    configurationDirectory = directory(config, "XDG_CONFIG_HOME", ".config")
    stateDirectory = directory(state, "XDG_STATE_HOME", ".local/state")
  }

  /// The configuration file, which the user writes.
  public var configurationFile: String { configurationDirectory + "/config.toml" }

  /// The file with the API keys that `login` has stored.
  public var credentialsFile: String { configurationDirectory + "/credentials.toml" }

  private static func isUsable(_ path: String) -> Bool {
    path.hasPrefix("/") && !path.utf8.contains(0)
  }

  private static func trimmed(_ path: String) -> String {
    var result = Substring(path)
    while result.count > 1, result.hasSuffix("/") { result.removeLast() }
    return String(result)
  }
}
