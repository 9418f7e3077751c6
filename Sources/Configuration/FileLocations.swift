internal import SessionRecord
public import SystemIO

/// Where this user's files are: absolute paths without a slash at the end.
public struct FileLocations: Sendable, Equatable {
  /// The directory that `~` stands for.
  public let home: String
  /// Where `config.toml` and `credentials.toml` are.
  public let configurationDirectory: String
  /// Where sessions and the generated `ssh_config` are.
  public let stateDirectory: String

  /// They are found by `OwnDirectory`'s rule.
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
    let given: [(LocationOption, String?)] = [(.home, home), (.config, config), (.state, state)]
    for (option, path) in given {
      guard let path, !OwnDirectory.isUsable(path) else { continue }
      throw Failure(.usage, "\(option.word) wants an absolute path, not \"\(path.sanitized())\"")
    }
    func directory(_ directory: OwnDirectory, _ given: String?) -> String? {
      directory.path(given: given, home: home, passwordFileHome: passwordFileHome) {
        environment[$0]
      }
    }
    guard let own = OwnDirectory.home(home, passwordFileHome, { environment[$0] }),
      let configuration = directory(.configuration, config), let state = directory(.state, state)
    else {
      throw Failure(
        .configuration, "nothing says where your home directory is",
        hint: "set HOME, or give --home DIRECTORY")
    }
    self.home = own
    configurationDirectory = configuration
    stateDirectory = state
  }

  /// The configuration file, which the user writes.
  public var configurationFile: String {
    "\(configurationDirectory)/\(OwnDirectory.configurationFileName)"
  }

  /// The file with the API keys that `login` has stored.
  public var credentialsFile: String { "\(configurationDirectory)/\(Self.credentialsFileName)" }
  static let credentialsFileName = "credentials.toml"
  /// The lock of that file, which is replaced and so cannot hold it.
  static let credentialsLockName = "credentials.lock"
}
