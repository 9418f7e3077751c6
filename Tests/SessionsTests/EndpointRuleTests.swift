import OpenSSH
import SystemIO
import TestConfiguration
import TestSupport
import Testing

@testable import Configuration
@testable import Sessions

/// Where a provider's answer may lead.
@Suite struct EndpointRuleTests {
  private func rule(_ alias: String, _ toml: String, environment: [String: String] = [:]) throws
    -> EndpointRule
  {
    let configuration = try TemporaryDirectory().configuration(toml, environment: environment)
    return try configuration.endpointRule(for: configuration.target(for: try Alias(alias)))
  }

  private func session(_ host: String, jump: String? = nil) -> Session {
    Session(
      id: nil, endpoint: HostAndPort(host: host, port: 22),
      login: .users(login: nil, identityFile: nil), hostTrust: .users,
      jump: jump.flatMap(JumpHost.list),
      expires: .max)
  }

  private static let hosts = """
    [prime]
    suffix = "pi"
    [hosts.Lab]
    provider = "static"
    host = "127.0.0.1"
    [hosts.mine]
    provider = "command"
    command = ["x"]

    """

  @Test(arguments: [
    "a.pi", "A.PI", "x.y.pi", "a.prime", "dm-1.dedalus", "n.TensorPool", "lab", "LAB", "mine",
  ])
  func noAliasIsLedTo(_ name: String) throws {
    for alias in ["n.tensorpool", "sb1.pi", "dm-1.dedalus", "mine"] {
      let rule = try rule(alias, Self.hosts)
      let sessions = [
        session(name), session("h.example", jump: name), session("h.example", jump: "u@\(name):22"),
        session("h.example", jump: "203.0.113.7,\(name)"),
        session("h.example", jump: "ssh://u@\(name)"),
      ]
      for session in sessions {
        let found = failure { try rule.check(session) }
        #expect(
          found?.kind == .invalidResponse && found?.message.contains("alias") == true, "\(session)")
      }
    }
  }

  @Test func oneJumpHostAtMost() throws {
    let rule = try rule("n.tensorpool", Self.hosts)
    try rule.check(session("h.example", jump: "u@203.0.113.7:22"))
    let found = failure {
      try rule.check(session("h.example", jump: "203.0.113.7,github.com"))
    }
    #expect(found?.kind == .invalidResponse && found?.message.contains("2 hosts") == true)
  }

  @Test(arguments: ["api", "pi", "lab.example", "xlab", "a.pi.example", "a.spi", "203.0.113.7"])
  func otherNamesMay(_ name: String) throws {
    let rule = try rule("n.tensorpool", Self.hosts)
    try rule.check(session(name, jump: "u@\(name)"))
  }

  @Test(arguments: [
    "127.0.0.1", "localhost", "LOCALHOST", "a.localhost", "::1", "0.0.0.0", "::", "169.254.1.1",
    "fe80::1", "224.0.0.5", "ff05::2", "::ffff:127.0.0.1", "::FFFF:7F00:1",
  ])
  func noHostOfThisComputer(_ host: String) throws {
    let rule = try rule("n.tensorpool", "")
    let jump = host.contains(":") ? "[\(host)]" : host
    for session in [session(host), session("h.example", jump: "203.0.113.7,u@\(jump)")] {
      let found = failure { try rule.check(session) }
      #expect(found?.kind == .invalidResponse, "\(session)")
      #expect(found?.hint?.contains("allow_local = true") == true)
    }
  }

  @Test func noNameThatHasAnAddressOfThisComputer() throws {
    let rule = try rule("n.tensorpool", "")
    func addresses(_ hosts: String...) throws -> [SocketAddress] {
      try hosts.map { try #require(SocketAddress(host: $0, port: 22)) }
    }
    try rule.check(try addresses("203.0.113.7", "10.0.0.1"), of: "h.example")
    for host in ["127.0.0.1", "fe80::1", "0.0.0.0"] {
      let mixed = try addresses("203.0.113.7", host)
      #expect(failure { try rule.check(mixed, of: "h.example") }?.kind == .invalidResponse)
    }
  }

  @Test(arguments: [
    "[tensorpool]\nallow_local = true\n", "[tensorpool]\nbase_url = \"http://127.0.0.1:80\"\n",
    "[tensorpool]\nbase_url = \"https://localhost/x\"\n",
    "[tensorpool]\nbase_url = \"http://[::1]\"\n",
  ])
  func localHostsWhereTheyAreMeant(_ toml: String) throws {
    let rule = try rule("n.tensorpool", toml)
    try rule.check(session("127.0.0.1", jump: "localhost"))
    #expect(failure { try rule.check(session("sb1.prime")) }?.kind == .invalidResponse)
  }

  @Test(arguments: [
    "[prime]\nallow_local = true\n", "[tensorpool]\nallow_local = false\n",
    "[tensorpool]\nbase_url = \"https://127.0.0.1.example\"\n",
    "[tensorpool]\nbase_url = \"https://localhost.example\"\n",
  ])
  func otherWordsAllowNothing(_ toml: String) throws {
    let rule = try rule("n.tensorpool", toml)
    #expect(failure { try rule.check(session("127.0.0.1")) }?.kind == .invalidResponse)
  }

  /// A program of the user's own may name local hosts; a fixed host is the user's own word.
  @Test func whatTheUserSays() throws {
    try rule("mine", Self.hosts).check(session("127.0.0.1"))
    try rule("lab", Self.hosts).check(session("127.0.0.1"))
    try rule("lab", Self.hosts).check(session("sb1.prime"))
  }
}
