/// A directory of ours among the user's files (XDG base directory specification): both programs find it by
/// this one rule.
public enum OwnDirectory: Sendable {
  /// `config.toml` and `credentials.toml`.
  case configuration
  /// Sessions and the generated `ssh_config`.
  case state

  /// What the user writes, in the first.
  public static let configurationFileName = "config.toml"

  private var variable: String {
    switch self {
    case .configuration: "XDG_CONFIG_HOME"
    case .state: "XDG_STATE_HOME"
    }
  }

  private var usual: String {
    switch self {
    case .configuration: ".config"
    case .state: ".local/state"
    }
  }

  /// Its absolute path, without a slash at the end. The options of the command line come first. With a home
  /// from there, the XDG variables are ignored: `setup` writes that option for processes with another
  /// environment. A relative path in a variable is ignored, as the specification wants it.
  /// - Parameters:
  ///   - given: from `--config` or `--state`, an absolute path.
  ///   - home: from `--home`, an absolute path.
  ///   - passwordFileHome: the home in the password file, used if `HOME` is not set.
  ///   - variable: gives a variable of the environment.
  /// - Returns: `nil` where nothing says where the home directory is.
  public func path(
    given: String?, home: String?, passwordFileHome: String? = nil,
    _ variable: (_ name: String) -> String?
  ) -> String? {
    if let given { return Self.trimmed(given) }
    if home == nil, let root = variable(self.variable), Self.isUsable(root) {
      return Self.trimmed(root) + "/sshproxy"
    }
    guard let base = Self.home(home, passwordFileHome, variable) else { return nil }
    return "\(base == "/" ? "" : base)/\(usual)/sshproxy"
  }

  /// The directory that `~` stands for, without a slash at the end.
  /// - Parameters: as above.
  public static func home(
    _ given: String?, _ passwordFileHome: String?, _ variable: (_ name: String) -> String?
  ) -> String? {
    [given, variable("HOME"), passwordFileHome].lazy.compactMap { $0 }.first(where: isUsable)
      .map(trimmed)
  }

  /// Whether a path is an absolute one.
  public static func isUsable(_ path: String) -> Bool {
    path.utf8.first == UInt8(ascii: "/") && !path.utf8.contains(0)
  }

  private static func trimmed(_ path: String) -> String {
    var result = path[...]
    while result.utf8.count > 1, result.utf8.last == UInt8(ascii: "/") { result.removeLast() }
    return String(result)
  }
}
