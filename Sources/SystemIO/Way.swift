/// The aliases whose connections are made by way of this process: `through = "ssh -W %h:%p bastion"`
/// starts an ssh that may call us for `bastion`, whose own way may lead through itself. Without an end to
/// that, it would fill the computer with processes.
public enum Way {
  /// Names behind commas; only for what we start on the way to an alias.
  private static let variable = "SSHPROXY_WAY"

  /// - Throws: `.configuration` when the connection to `alias` would be made by way of itself.
  public static func check(_ alias: String) throws(Failure) {
    guard aliases.contains(alias) else { return }
    throw Failure(
      .configuration, "the way to \(alias.sanitized(limit: 80)) leads through \(alias) itself",
      hint:
        "write through = \"direct\" into its table of config.toml; and what leads there in ssh's "
        + "configuration (ProxyJump, ProxyCommand) may have to go")
  }

  /// The environment of a program that is on the way to `alias`.
  public static func environment(to alias: String) -> [String] {
    inheritedEnvironment.filter { !$0.hasPrefix(variable + "=") } + [
      "\(variable)=\((aliases + [alias]).joined(separator: ","))"
    ]
  }

  private static var aliases: [String] {
    Environment.value(variable)?.split(separator: ",").map(String.init) ?? []
  }
}
