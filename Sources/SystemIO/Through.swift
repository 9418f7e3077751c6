/// What a connection to an endpoint goes through, where the user has configured something.
public enum Through: Equatable, Sendable {
  /// A proxy that knows CONNECT (RFC 9110, section 9.3.6), and is told the endpoint: a name is the proxy's
  /// to look up. `authorization` is the value of Proxy-Authorization; secret.
  case http(HostAndPort, authorization: String?)
  /// A SOCKS proxy (RFC 1928), likewise, with a user name and password (RFC 1929) where the user is not
  /// empty; secret.
  case socks5(HostAndPort, user: String, password: String)
  /// A command for the shell that streams on its standard input and output.
  case command(String)

  /// The environment variables that name a proxy for `https`, in the order in which libcurl looks for them.
  public static let proxyVariables = ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]

  /// What a person is told when the direct way fails where the environment names a proxy, which is for
  /// the providers' APIs alone; `nil` where it names none.
  public static var hint: String? {
    guard
      let name = proxyVariables.first(where: { Environment.value($0)?.isEmpty == false })
    else {
      return nil
    }
    return "\(name) is set, and this connection went past it: if only the proxy leads out, write "
      + "through = \"http://HOST:PORT\" under [connection] in config.toml"
  }
}

/// The aliases whose connections are made by way of this process: `through = "ssh -W %h:%p bastion"`
/// starts an ssh that may call us for `bastion`, whose own way may lead through itself. Without an end to
/// that, it would fill the computer with processes.
public enum ThroughLoop {
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
