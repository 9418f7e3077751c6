/// What each provider alone can get wrong, and what lies outside of them.
extension BadInput {
  /// An answer of the real shape in which one member is another.
  private static func replaced(
    _ alias: String, _ member: String, _ value: String, _ cause: String, status: Int32 = 65
  ) -> BadInput {
    spoiled(
      alias, "\(member) is \(value.prefix(40))", #""replace_fields": {"\#(member)": \#(value)}"#,
      cause, status: status, path: "ssh-session$|/ssh|/ssh/")
  }

  private static func without(_ alias: String, _ member: String) -> BadInput {
    let last = member.split(separator: ".").last ?? ""
    return spoiled(
      alias, "without \(member)", #""remove_fields": ["\#(member)"]"#, "\(last)\"",
      path: "ssh-session$|/ssh")
  }

  static let prime =
    ["session_id", "host", "port", "expires_at", "ttl_seconds", "gateway_url", "token"].map {
      without("sb1.prime", $0)
    } + [
      replaced("sb1.prime", "host", #""-oProxyCommand=x""#, "\"host\""),
      replaced("sb1.prime", "host", #""a b""#, "\"host\""),
      replaced("sb1.prime", "host", #""%h""#, "\"host\""),
      replaced("sb1.prime", "port", "0", "\"port\""),
      replaced("sb1.prime", "port", "65536", "\"port\""),
      replaced("sb1.prime", "port", #""22""#, "\"port\""),
      replaced("sb1.prime", "session_id", #""-l""#, "\"session_id\""),
      replaced("sb1.prime", "session_id", #""../../x""#, "\"session_id\""),
      replaced("sb1.prime", "session_id", #""a\nProxyCommand x""#, "\"session_id\""),
      replaced("vm1.prime", "session_id", #""a\nSSH-2.0-x""#, "\"session_id\""),
      replaced("sb1.prime", "token", #""a\r\nX-Evil: 1""#, "\"token\""),
      replaced("sb1.prime", "gateway_url", #""http://example.com""#, "\"gateway_url\""),
      replaced("sb1.prime", "gateway_url", #""file:///etc/passwd""#, "\"gateway_url\""),
      replaced("sb1.prime", "expires_at", #""soon""#, "\"expires_at\""),
      replaced("sb1.prime", "expires_at", #""2020-01-01T00:00:00Z""#, "expired already"),
      spoiled(
        "sb1.prime", "gateway says no", #""status": 401, "body": "{\"detail\": \"bad token\"}""#,
        "bad token", status: 77, path: "authorize"),
    ]

  static let dedalus =
    [
      "session_id", "status", "connection", "connection.endpoint", "connection.port",
      "connection.ssh_username", "connection.user_certificate", "connection.host_trust",
      "connection.host_trust.public_key",
    ].map { without("dm-abc.dedalus", $0) } + [
      replaced("dm-abc.dedalus", "status", #""dancing""#, "dancing"),
      replaced("dm-abc.dedalus", "connection.endpoint", #""a,b""#, "\"endpoint\""),
      replaced("dm-abc.dedalus", "connection.ssh_username", #""-oX""#, "\"ssh_username\""),
      replaced("dm-abc.dedalus", "connection.ssh_username", #""a b""#, "\"ssh_username\""),
      replaced(
        "dm-abc.dedalus", "connection.user_certificate", #""ssh-ed25519 AAAA""#, "certificate"),
      replaced("dm-abc.dedalus", "connection.host_trust.public_key", #""ssh-rsa AAAA""#, "key"),
      replaced("dm-abc.dedalus", "connection.host_trust.kind", #""known_host""#, "kind"),
      replaced(
        "dm-abc.dedalus", "connection.host_trust.host_pattern", #""*.example.com""#,
        "*.example.com"),
      replaced(
        "dm-abc.dedalus", "connection.host_trust.host_pattern", #""*\n@cert-authority *""#,
        "host_pattern"),
    ]
    + ["other_key", "host", "expired", "not_yet", "other_principal", "no_principal"].map {
      BadInput(
        name: "certificate: \($0)", alias: "dm-abc.dedalus",
        scenario: #"{"dedalus": {"certificate": "\#($0)"}}"#, status: 65, cause: "certificate")
    }
    + ["failed", "expired", "closed"].map {
      BadInput(
        name: "session has \($0)", alias: "dm-abc.dedalus",
        scenario: #"{"dedalus": {"final_status": "\#($0)"}}"#, status: 69,
        cause: "has \($0): the machine could not be woken (MACHINE_\($0.uppercased()))")
    }

  static let tensorpool =
    [
      ("touch /tmp/x", "command"), ("ssh -oProxyCommand=x a@b", "ProxyCommand"),
      ("ssh -F /tmp/x a@b", "-F"), ("ssh a@b rm -rf x", "command"), ("ssh", "command"),
      ("ssh a@b -p 99999", "-p"), ("ssh 'a@b;x'", "command"), ("ssh $(id)@b", "command"),
      ("ssh a@b && x", "command"), ("ssh -o 'LocalCommand x' a@b", "LocalCommand"),
      ("ssh -L 1:a:2 a@b", "-L"),
    ].map { command, cause in
      BadInput(
        name: "command: \(command)", alias: "node1.tensorpool",
        scenario: #"{"tensorpool": {"command": "\#(command)"}}"#, status: 65, cause: cause)
    } + [
      BadInput(
        name: "a message alone", alias: "node1.tensorpool",
        scenario: #"{"tensorpool": {"command": "", "message": "Instance is stopped"}}"#,
        status: 69, cause: "Instance is stopped")
    ]

  static let transport = [
    BadInput(
      name: "plain http", environment: ["PRIME_API_BASE_URL": "http://example.com"], status: 78,
      cause: "unencrypted"),
    BadInput(
      name: "no URL", environment: ["PRIME_API_BASE_URL": "gopher://x"], status: 78,
      cause: "PRIME_API_BASE_URL"),
    BadInput(
      name: "a host that looks like loopback",
      environment: ["PRIME_API_BASE_URL": "http://127.0.0.1.example.com"], status: 78,
      cause: "unencrypted"),
  ]

  static let files = [
    BadInput(
      name: "unknown key", configuration: "[prime]\ntll = 5\n", status: 78, cause: "tll"),
    BadInput(
      name: "unknown table", configuration: "[prim]\nttl = 5\n", status: 78, cause: "prim"),
    BadInput(
      name: "a value out of range", configuration: "[prime]\nttl = 5000\n", status: 78,
      cause: "ttl"),
    BadInput(name: "no TOML", configuration: "[prime\n", status: 78, cause: "line 1"),
    BadInput(
      name: "a state directory that others can write", stateMode: 0o777, status: 74,
      cause: "is not yours alone"),
  ]
}
